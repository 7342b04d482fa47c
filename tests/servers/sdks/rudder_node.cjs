// Every call of @rudderstack/rudder-sdk-node; arguments: URL of the collector, write key.
const Analytics = require("@rudderstack/rudder-sdk-node");

const [dataPlaneUrl, writeKey] = process.argv.slice(2);
const analytics = new Analytics(writeKey, { dataPlaneUrl, logLevel: "error" });
const userId = "u1";
analytics.identify({ userId, traits: { email: "ann@mail.example", plan: "basic" } });
analytics.track({ userId, event: "quote_started", properties: { quote_id: "q1", value: 700.5 } });
analytics.page({ userId, category: "shop", name: "tariffs", properties: { path: "/tariffs" } });
analytics.screen({ userId, category: "app", name: "home" });
analytics.group({ userId, groupId: "g1", traits: { size: 3 } });
analytics.alias({ previousId: "a1", userId });
analytics.flush((error) => {
  if (error) console.error(error);
  process.exit(error ? 1 : 0);
});
