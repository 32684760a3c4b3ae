"""How the lines of a macro are read. Plain Python."""


def pairs(text: str) -> tuple[dict[str, str], list[str]]:
    """`name = value`, one a line; and the lines that are none of these."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    split = [line.partition("=") for line in lines]
    return (
        {name.strip(): value.strip() for name, sign, value in split if sign and name.strip()},
        [name for name, sign, _value in split if not (sign and name.strip())],
    )
