// Every call of @segment/analytics-node; arguments: URL of the collector, write key.
const { Analytics } = require("@segment/analytics-node");

const [host, writeKey] = process.argv.slice(2);
const analytics = new Analytics({ host, writeKey });
analytics.on("error", (error) => {
  console.error(error);
  process.exitCode = 1;
});
const userId = "u1";
analytics.identify({ userId, traits: { email: "ann@mail.example", plan: "basic" } });
analytics.track({ userId, event: "quote_started", properties: { quote_id: "q1", value: 700.5 } });
analytics.page({ userId, category: "shop", name: "tariffs", properties: { path: "/tariffs" } });
analytics.screen({ userId, category: "app", name: "home" });
analytics.group({ userId, groupId: "g1", traits: { size: 3 } });
analytics.alias({ previousId: "a1", userId });
analytics.closeAndFlush({ timeout: 60000 });
