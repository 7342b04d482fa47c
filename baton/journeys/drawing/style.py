"""Colours and type of drawings and pages: light, dark and on paper."""

_LIGHT = """
  --paper: #ffffff; --ink: #1b2230; --soft: #5a6475; --rule: #dfe4ec; --line: #8a95a8;
  --card: #f7f9fc; --step: #eef2fb; --step-rule: #b4c2e4; --goal: #e6f6ec; --goal-rule: #4f9d73;
  --exit: #fdf0e6; --exit-rule: #d08d51; --end: #f1f2f4; --end-rule: #aab1bd; --action: #2f50c1;
"""
_DARK = """
  --paper: #12161e; --ink: #e8ecf3; --soft: #9ba6b8; --rule: #2a3240; --line: #66728a;
  --card: #181e29; --step: #1d2740; --step-rule: #47598b; --goal: #15301f; --goal-rule: #4f9d73;
  --exit: #35251a; --exit-rule: #b57a45; --end: #20252e; --end-rule: #566072; --action: #9db4ff;
"""
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

VARIABLES = f"""
:root {{ color-scheme: light dark; {_LIGHT} }}
@media (prefers-color-scheme: dark) {{ :root {{ {_DARK} }} }}
@media print {{ :root {{ color-scheme: light; {_LIGHT} }} }}
"""

DRAWING = f"""
svg.journey {{ font-family: {FONT}; }}
svg.journey text {{ fill: var(--ink); text-anchor: middle; }}
svg.journey .name {{ font-size: 14.5px; font-weight: 600; }}
svg.journey .note, svg.journey .taken {{ font-size: 11.5px; fill: var(--soft); }}
svg.journey .trigger {{ font-size: 12.5px; font-weight: 600; }}
svg.journey .condition {{ font-size: 12.5px; }}
svg.journey .action {{ font-size: 12px; font-weight: 600; fill: var(--action); }}
svg.journey .terms {{ font-size: 11.5px; fill: var(--action); }}
svg.journey .why {{ font-size: 12px; font-style: italic; fill: var(--soft); }}
svg.journey rect {{ stroke-width: 1.25; }}
svg.journey .move rect {{ fill: var(--card); stroke: var(--rule); }}
svg.journey .step rect {{ fill: var(--step); stroke: var(--step-rule); }}
svg.journey .goal rect {{ fill: var(--goal); stroke: var(--goal-rule); }}
svg.journey .exit rect {{ fill: var(--exit); stroke: var(--exit-rule); }}
svg.journey .end rect {{ fill: var(--end); stroke: var(--end-rule); }}
svg.journey .any rect {{ fill: none; stroke: var(--step-rule); stroke-dasharray: 5 4; }}
svg.journey .start circle {{ fill: var(--ink); }}
svg.journey path.line {{ fill: none; stroke: var(--line); stroke-width: 1.5; }}
svg.journey marker path {{ fill: var(--line); }}
"""

PAGE = f"""
body {{ margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.55 {FONT}; }}
main {{ max-width: 1180px; margin: 0 auto; padding: 2.2rem 1.6rem 3rem; }}
h1 {{ font-size: 1.7rem; line-height: 1.2; margin: 0 0 .35rem; letter-spacing: -.01em; }}
h2 {{ font-size: 1.05rem; margin: 2.2rem 0 .6rem; }}
p.lead {{ margin: 0; color: var(--soft); }}
dl {{ display: flex; flex-wrap: wrap; gap: .7rem 2.2rem; margin: 1.3rem 0 0; }}
dt {{ font-size: .76rem; color: var(--soft); }}
dd {{ margin: 0; font-weight: 600; font-variant-numeric: tabular-nums; }}
figure {{ margin: 1.6rem 0 0; padding: 1.2rem; border: 1px solid var(--rule); border-radius: 12px;
  overflow-x: auto; }}
figure svg {{ display: block; margin: 0 auto; max-width: 100%; height: auto; min-width: 640px; }}
figcaption {{ color: var(--soft); font-size: .84rem; margin-top: .9rem; }}
.scroll {{ overflow-x: auto; }}
table {{ border-collapse: collapse; width: 100%; font-size: .88rem; }}
th, td {{ text-align: left; vertical-align: top; padding: .5rem .9rem .5rem 0;
  border-bottom: 1px solid var(--rule); }}
th {{ color: var(--soft); font-weight: 600; white-space: nowrap; }}
td.count, th.count {{ text-align: right; padding-right: 0; font-variant-numeric: tabular-nums; }}
@page {{ margin: 14mm; }}
@media print {{
  main {{ max-width: none; padding: 0; }}
  figure {{ border: 0; padding: 0; overflow: visible; break-inside: avoid; }}
  figure svg {{ min-width: 0; max-height: 235mm; }}
  h2 {{ break-after: avoid; }}
  tr {{ break-inside: avoid; }}
}}
"""
