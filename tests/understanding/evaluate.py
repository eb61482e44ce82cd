"""``make evaluate``: the evaluation messages through ``lotse classify``, exactly as the bot understands them.

Prints Markdown tables; with ``--record`` keeps the figures in ``docs/understanding.json``. Without it, a drop of more
than one point against what is recorded ends with exit code 1.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean

from bot.settings import PROJECT
from tests.running import lotse

RECORD = PROJECT / "docs/understanding.json"
_URGENT = ("emergency", "violence")
_OUT = "out_of_scope"


@dataclass(frozen=True)
class Case:
    """One message, what it means, and what was understood."""

    language: str
    style: str
    intent: str
    text: str
    found: str
    best: tuple[str, ...]
    found_language: str
    confidence: float

    @property
    def right(self) -> bool:
        return self.found == self.intent


def topics() -> set[str]:
    return {path.stem for path in (PROJECT / "content/topics").glob("*.yml")}


def run() -> list[Case]:
    messages = [
        {**json.loads(line), "of": path.parent.name}
        for path in sorted((PROJECT / "tests/understanding").glob("*/messages.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    done = lotse("classify", lines=[{"id": number, "text": message["text"]} for number, message in enumerate(messages)])
    if done.returncode:
        sys.exit(done.stderr)
    cases = []
    for message, line in zip(messages, done.stdout.splitlines(), strict=True):
        answer = json.loads(line)
        best = (answer["intent"], *(other["intent"] for other in answer["alternatives"]))[:3]
        cases.append(
            Case(
                message["of"],
                message["style"],
                message["intent"],
                message["text"],
                answer["intent"],
                best,
                answer["language"],
                answer["confidence"],
            )
        )
    return cases


def share(values: Iterable[bool]) -> float:
    listed = list(values)
    return fmean(listed) if listed else float("nan")


def figures(cases: list[Case]) -> dict[str, float]:
    """Every figure by name; means are means over languages."""
    by_language = defaultdict(list)
    for case in cases:
        by_language[case.language].append(case)
    real = [case for case in cases if case.intent != _OUT]
    asked = topics()
    found = {
        "top1": fmean(share(case.right for case in group if case.intent in asked) for group in by_language.values()),
        "top3": fmean(share(case.intent in case.best for case in group if case.intent in asked) for group in by_language.values()),
        "top1_dialogue": fmean(share(case.right for case in group if case.intent not in asked) for group in by_language.values()),
        "language": fmean(share(case.found_language == case.language for case in group) for group in by_language.values()),
        "language_romanised": share(case.found_language == case.language for case in cases if case.style == "romanised"),
        "out_of_scope_recall": share(case.found == _OUT for case in cases if case.intent == _OUT),
        "rejected": share(case.found == _OUT for case in real),
        "urgent_recall": share(case.found in _URGENT for case in cases if case.intent in _URGENT),
        "false_alarms": share(case.found in _URGENT for case in cases if case.intent not in _URGENT),
        "calibration_error": _calibration_error(cases),
        "macro_f1": fmean(_macro_f1(group) for group in by_language.values()),
    }
    for style in sorted({case.style for case in cases}):
        found[f"top1_{style}"] = share(case.right for case in cases if case.style == style)
    for language, group in by_language.items():
        found[f"top1_{language}"] = share(case.right for case in group if case.intent in asked)
        found[f"top3_{language}"] = share(case.intent in case.best for case in group if case.intent in asked)
        found[f"language_{language}"] = share(case.found_language == case.language for case in group)
    return {name: round(value, 4) for name, value in found.items()}


def _macro_f1(cases: list[Case]) -> float:
    hits = Counter(case.intent for case in cases if case.right)
    wanted, given = Counter(case.intent for case in cases), Counter(case.found for case in cases)
    return fmean(2 * hits[intent] / (wanted[intent] + given[intent]) for intent in wanted)


def _calibration_error(cases: list[Case]) -> float:
    bins: dict[int, list[Case]] = defaultdict(list)
    for case in cases:
        bins[min(int(case.confidence * 10), 9)].append(case)
    return sum(
        abs(fmean(case.confidence for case in group) - share(case.right for case in group)) * len(group) for group in bins.values()
    ) / len(cases)


def report(found: dict[str, float]) -> str:
    lines = ["| figure | value |", "|---|---|"]
    lines += [f"| {name} | {value:.3f} |" for name, value in found.items() if not _of_language(name)]
    lines += ["", "| language | top-1 | top-3 | language identified |", "|---|---|---|---|"]
    for name in found:
        if _of_language(name) and name.startswith("top1_"):
            tag = name[5:]
            lines.append(f"| {tag} | {found[name]:.3f} | {found[f'top3_{tag}']:.3f} | {found[f'language_{tag}']:.3f} |")
    return "\n".join(lines)


def _of_language(name: str) -> bool:
    return (PROJECT / "tests/understanding" / name.rsplit("_", 1)[-1]).is_dir()


def confusions(cases: list[Case]) -> str:
    pairs = Counter((case.intent, case.found) for case in cases if not case.right)
    return "\n".join(f"| {intent} | {found} | {count} |" for (intent, found), count in pairs.most_common(25))


def main(arguments: list[str]) -> int:
    cases = run()
    found = figures(cases)
    print(report(found))
    print("\n| meant | understood as | times |\n|---|---|---|\n" + confusions(cases))
    if "--record" in arguments:
        RECORD.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        return 0
    before = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    dropped = [name for name in ("top1", "top3", "language", "urgent_recall") if found[name] < before.get(name, 0) - 0.01]
    for name in dropped:
        print(f"{name} fell from {before[name]:.3f} to {found[name]:.3f}")
    return 1 if dropped else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
