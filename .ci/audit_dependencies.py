"""Asks PyPI for known weaknesses of the pinned versions, by pip-audit.

Ends with 1 where there is one. Where PyPI's advisories cannot be reached, as behind a mirror of packages alone, that is
said, and it ends with 0: nothing is known then, and nothing about the change is wrong.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
FILES = ("requirements.txt", "requirements-release.txt", "requirements-docs.txt", "requirements-uv.txt")
LIMIT = 300.0
"""Seconds."""


def main() -> int:
    """Ask for one version first, so that a place without advisories is asked once and not for all of them."""
    pinned = [line for name in FILES for line in pinned_in((ROOT / name).read_text("utf-8"))]
    unknown, _ = verdict(audited(pinned[:1]))
    if unknown is not None:
        sys.stdout.write(f"The dependencies were not audited: {unknown}\n")
        return 0
    unknown, weak = verdict(audited(sorted(set(pinned))))
    lines = [f"Not audited: {unknown}"] if unknown is not None else []
    lines += weak or [f"No known weakness in the {len(set(pinned))} pinned versions." if unknown is None else ""]
    sys.stdout.write("\n".join(filter(None, lines)) + "\n")
    return 1 if weak else 0


def pinned_in(text: str) -> list[str]:
    """Return the `name==version` of a requirements file."""
    first = (line.split() for line in text.splitlines() if line[:1].isalnum())
    return [words[0] for words in first if "==" in words[0]]


def audited(pinned: list[str]) -> str:
    """Return what pip-audit says of these versions, as JSON; empty where it could not say anything."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "requirements.txt")
        file.write_text("\n".join(pinned) + "\n", "utf-8")
        command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--no-deps", "--progress-spinner", "off"]
        try:
            done = subprocess.run(  # noqa: S603  our own command line
                [*command, "--format", "json", "--requirement", str(file)],
                capture_output=True,
                text=True,
                timeout=LIMIT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return ""
    return done.stdout


def verdict(said: str) -> tuple[str | None, list[str]]:
    """Read what pip-audit says: what it knows nothing of, if anything, and a line for each known weakness."""
    try:
        packages = json.loads(said)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return "the advisories cannot be reached.", []
    skipped = [each["name"] for each in packages if "skip_reason" in each]
    weak = [
        f"{each['name']} {each['version']}: {weakness['id']}, mended in {', '.join(weakness['fix_versions']) or 'none'}"
        for each in packages
        for weakness in each.get("vulns", ())
    ]
    return (f"PyPI does not tell of {', '.join(skipped)}." if skipped else None), weak


if __name__ == "__main__":
    sys.exit(main())
