"""The press: one document set by typst in a process of its own, which ends and gives its 200 MB back.

    python -m comity.reports.press < order.json > document.pdf

The order names the template and the data, which reach the template as JSON and are never markup. Only the fonts of the
installed packages are used, so a document looks the same, byte for byte, on every machine. What typst warns of goes to
the error output, one line each.
"""

import json
import re
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# What comes along when people paste: nothing to be seen of it, and PDF/UA refuses it.
INVISIBLE = re.compile("[\u200b\u2060\ufeff\ufff9-\ufffb\ufffe\uffff\x7f-\x9f]")
FONTS = ("fontpkg_inter", "manimgx_fonts_cjk")
TEMPLATES = Path(__file__).with_name("templates_typ")


def font_folders() -> list[str]:
    """Where the fonts lie: Inter for Latin letters, Noto Sans CJK for Chinese ones."""
    found = (find_spec(name) for name in FONTS)
    return [str(Path(one.origin).parent) for one in found if one and one.origin]


def press(template: str, data: Any) -> tuple[bytes, list[str]]:
    """The document, and what typst warns of. PDF/UA: tagged, with language and title, readable by ear.

    A sign that no font of ours has is an empty box: such a document is no PDF/UA, and that is among the warnings.
    """
    import typst

    order: Any = {
        "input": str(TEMPLATES / f"{template}.typ"), "root": str(TEMPLATES), "font_paths": font_folders(),
        "ignore_system_fonts": True, "format": "pdf",
        "sys_inputs": {"data": INVISIBLE.sub("", json.dumps(data, ensure_ascii=False))},
    }  # fmt: skip
    try:
        made, warnings = typst.compile_with_warnings(**order, pdf_standards="ua-1")
    except typst.TypstError as error:
        made, warnings = typst.compile_with_warnings(**order)
        return made, [str(error), *(str(one.message) for one in warnings)]
    return made, [str(one.message) for one in warnings]


def main() -> None:
    order = json.load(sys.stdin.buffer)
    made, warnings = press(**order)
    sys.stdout.buffer.write(made)
    sys.stderr.write("".join(f"{line}\n" for line in warnings))


if __name__ == "__main__":
    main()
