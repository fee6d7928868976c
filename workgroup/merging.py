"""Two people write the same text at once: neither loses a word."""

from diff_match_patch import diff_match_patch


def merged(base: str, mine: str, theirs: str) -> str:
    """`theirs` with what was changed from `base` to `mine`.

    What no longer finds its place is added below, whole and marked: a person decides.
    """
    base, mine, theirs = (text.replace("\r\n", "\n") for text in (base, mine, theirs))
    if mine in (base, theirs):
        return theirs
    if theirs == base:
        return mine
    tool = diff_match_patch()
    # No wide search: a change that lands elsewhere than where it was typed would be a wrong text.
    tool.Match_Distance = 200
    tool.Match_Threshold = 0.3
    text, placed = tool.patch_apply(tool.patch_make(base, mine), theirs)
    if all(placed):
        return text
    return f"{theirs}\n\n[Autre rédaction du même passage, à fondre :]\n{mine}"
