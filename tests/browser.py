"""How the system's Chromium is started, in tests and benchmarks: headless, and calling nobody."""

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def follow_menu(page, name):
    """A line of « Mon travail », or a rubric, which a phone folds."""
    link = page.locator(".top a:visible, .top details a").filter(has_text=name).first
    folded = page.locator(".top details").filter(has=page.locator("a", has_text=name))
    if not link.is_visible():
        folded.locator("summary:visible").first.click()
    page.locator(".top a:visible").filter(has_text=name).first.click()
