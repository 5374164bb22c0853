"""Draws flow-light.svg and flow-dark.svg, beside this script: a secret's way into a container, before and after byref."""

from pathlib import Path
from xml.sax.saxutils import escape

THEMES = {
    "light": {"text": "#1f2328", "muted": "#59636e", "line": "#818b98", "box": "#f6f8fa", "edge": "#d1d9e0",
              "bad": "#cf222e", "bad_box": "#ffebe9", "good": "#1a7f37", "good_box": "#dafbe1"},
    "dark": {"text": "#f0f6fc", "muted": "#9198a1", "line": "#818b98", "box": "#151b23", "edge": "#3d444d",
             "bad": "#ff7b72", "bad_box": "#341a1c", "good": "#56d364", "good_box": "#12261e"},
}
WIDTH, HEIGHT, BOX, TALL = 900, 372, 168, 64
COLUMNS = [16, 250, 484, 716]


def text(x, y, words, colour, size=13, weight=400, anchor="start"):
    return (f'<text x="{x}" y="{y}" fill="{colour}" font-size="{size}" font-weight="{weight}" '
            f'text-anchor="{anchor}">{escape(words)}</text>')


def box(column, y, title, detail, theme, kind=""):
    """A box with a title and, in the colour of its kind, what it holds."""
    fill, edge = theme.get(f"{kind}_box", theme["box"]), theme.get(kind, theme["edge"])
    x = COLUMNS[column]
    middle = x + BOX / 2
    return "".join([
        f'<rect x="{x}" y="{y}" width="{BOX}" height="{TALL}" rx="8" fill="{fill}" stroke="{edge}"/>',
        text(middle, y + 27, title, theme["text"], 14, 600, "middle"),
        text(middle, y + 47, detail, theme.get(kind, theme["muted"]), 12.5, 400, "middle"),
    ])


def arrow(points, theme, label="", at=None):
    """A line through the points with a head at its end, and a label over the place `at`."""
    path = "M" + " L".join(f"{x} {y}" for x, y in points)
    line = f'<path d="{path}" fill="none" stroke="{theme["line"]}" stroke-width="1.5" marker-end="url(#head)"/>'
    return line + (text(*at, label, theme["muted"], 12, 400, "middle") if label else "")


def across(column, y, theme, label=""):
    start, end = COLUMNS[column] + BOX, COLUMNS[column + 1]
    return arrow([(start + 4, y), (end - 6, y)], theme, label, ((start + end) / 2, y - 8))


def draw(theme):
    first, second, store = 44, 176, 288
    row, line = first + TALL / 2, second + TALL / 2
    parts = [
        text(16, 26, "Before: the value travels", theme["bad"], 15, 600),
        box(0, first, "Template", "DB_PASSWORD: value", theme, "bad"),
        across(0, row, theme, "deploy"),
        box(1, first, "CloudFormation", "value in the stack", theme, "bad"),
        across(1, row, theme),
        box(2, first, "Task definition", "value in every revision", theme, "bad"),
        across(2, row, theme, "start"),
        box(3, first, "Container", "DB_PASSWORD", theme),
        text(16, 158, "After: the reference travels, the value stays in Parameter Store", theme["good"], 15, 600),
        box(0, second, "Template", "+ a line in deploy.toml", theme),
        across(0, line, theme, "byref"),
        box(1, second, "CloudFormation", "ARN", theme, "good"),
        across(1, line, theme),
        box(2, second, "Task definition", "ARN", theme, "good"),
        across(2, line, theme, "start"),
        box(3, second, "Container", "DB_PASSWORD", theme),
        box(0, store, "byref secret", "put, rotate, roll back", theme),
        arrow([(COLUMNS[0] + BOX + 4, store + 32), (COLUMNS[2] - 6, store + 32)], theme, "all Regions or none",
              (COLUMNS[1] + BOX / 2, store + 24)),
        box(2, store, "Parameter Store", "the value, encrypted", theme, "good"),
        arrow([(COLUMNS[2] + BOX + 4, store + 32), (COLUMNS[3] + BOX / 2, store + 32),
               (COLUMNS[3] + BOX / 2, second + TALL + 6)], theme, "read by ECS at the start",
              (COLUMNS[3] + BOX / 2, store + 50)),
    ]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" '
        'font-family="-apple-system, \'Segoe UI\', \'Noto Sans\', Helvetica, Arial, sans-serif">',
        "<title>Before byref, a secret's value goes through the template, CloudFormation and the task definition. "
        "With byref, only its ARN does, and ECS reads the value from Parameter Store.</title>",
        f'<defs><marker id="head" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        f'<path d="M0 0 L8 4 L0 8 z" fill="{theme["line"]}"/></marker></defs>',
        *parts,
        "</svg>",
        "",
    ])


for name, theme in THEMES.items():
    Path(__file__).with_name(f"flow-{name}.svg").write_text(draw(theme), encoding="utf-8")
