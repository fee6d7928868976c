"""The same rows of conventions from a small Starlette application with SQL written by hand.

Arguments: the SQLite file of the registry, addresses as JSON {name: "limit=100&offset=0"}. Prints
{"cpu": {name: ms}, "rows": {name: the results}} as JSON: medians of one request each.
"""

import asyncio
import json
import sqlite3
import sys
import time
from collections import defaultdict
from datetime import UTC, date, datetime
from statistics import median
from zoneinfo import ZoneInfo

import httpx
import orjson
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

ROUNDS = 9
ZONE = ZoneInfo("Africa/Porto-Novo")
SITE = "http://127.0.0.1:8000"
KINDS = {
    "convention-cadre": "convention-cadre",
    "convention": "convention de coopération",
    "accord": "accord de partenariat",
    "jumelage": "jumelage",
    "protocole": "protocole d’accord",
    "financement": "convention de financement",
}
ROLES = {
    "chef-de-file": "chef de file",
    "signataire": "signataire",
    "bailleur": "bailleur",
    "appui-technique": "appui technique",
}
STEPS = {
    "deliberation": "délibération du conseil",
    "transmission": "transmission à la tutelle",
    "approbation": "approbation de la tutelle",
}
STANDINGS = {"accorde": "accordé", "demande": "demandé", "refuse": "refusé", "estime": "estimé"}
RESULTS = {"accorde": "adopté, accordé", "refuse": "refusé", "ajourne": "ajourné"}
NATURES = {
    "numeraire": "numéraire",
    "valorisation": "valorisation (temps d’agents, biens)",
    "mixte": "numéraire et valorisation, sans le détail",
}
PARTNERS = {
    "commune": "commune",
    "groupement": "groupement de collectivités",
    "collectivite": "autre collectivité territoriale",
    "ong": "ONG ou association",
    "bailleur": "bailleur de fonds",
    "institut": "établissement d’enseignement, de santé ou de recherche",
    "fondation": "fondation",
}
COUNTRIES = {
    "BJ": "Bénin",
    "FR": "France",
    "DE": "Allemagne",
    "BE": "Belgique",
    "CH": "Suisse",
    "CA": "Canada",
    "NL": "Pays-Bas",
    "TG": "Togo",
    "NG": "Nigeria",
    "US": "États-Unis",
}
STATUSES = {"publie": "publié"}
PAID_KINDS = {"verse": "versé par le financeur", "depense": "dépensé sur place"}
SEXES = {"femmes": "femmes", "hommes": "hommes"}
STATES = {
    "a-venir": "à venir",
    "en-vigueur": "en vigueur",
    "expiree": "expirée",
    "terme-inconnu": "terme non renseigné",
}
PAGE = """
SELECT c.id, c.reference, c.title, c.kind, c.status, c.signed_on, c.starts_on, c.ends_on,
  COALESCE(c.starts_on, c.signed_on),
  COALESCE((SELECT ends_on FROM agreements_avenant a WHERE a.convention_id = c.id
    AND a.ends_on IS NOT NULL AND a.status = 'publie'
    AND (a.signed_on IS NULL OR a.signed_on <= ?) ORDER BY number DESC LIMIT 1),
    c.ends_on, c.deduced_end),
  c.duration_months, c.partnership_since, c.objectives, p.reference, c.note, c.source, c.version,
  c.updated_at, c.kind_words, c.own_number, c.deduced_end, c.has_no_term, c.results, c.difficulties,
  c.recommendations, f.reference, c.provenance, c.unnamed_parties, c.follow_up_body, c.meeting_rhythm,
  COALESCE((SELECT kind FROM agreements_situation s WHERE s.convention_id = c.id
    AND (s.since IS NULL OR s.since <= ?) ORDER BY s.since DESC NULLS LAST, s.id DESC LIMIT 1), '')
FROM agreements_convention c
LEFT JOIN agreements_convention p ON p.id = c.predecessor_id AND p.status = 'publie'
LEFT JOIN agreements_convention f ON f.id = c.framework_id AND f.status = 'publie'
WHERE c.status = 'publie' ORDER BY c.sort_key DESC, c.reference LIMIT ? OFFSET ?
"""
# {relation: (table, columns, order)} of the lines of a life.
LIFE = {
    "situations": (
        "situation",
        ("uid", "kind", "since", "note", "source"),
        "since IS NULL, since, id",
    ),
    "signatures": (
        "signature",
        ("uid", "kind", "signed_on", "date_words", "place", "signatories", "source"),
        "signed_on IS NULL, signed_on, id",
    ),
    "meetings": (
        "meeting",
        ("uid", "held_on", "place", "minutes", "source"),
        "held_on IS NULL, held_on, id",
    ),
    "exchanges": (
        "exchange",
        (
            *("uid", "kind", "happened_on", "place", "from_benin", "from_partner"),
            *("purpose", "results", "report", "source"),
        ),
        "happened_on IS NULL, happened_on, id",
    ),
    "cited_sources": (
        "citedsource",
        ("uid", "title", "address", "dated", "seen_on", "supports", "source"),
        "id",
    ),
    "other_values": ("othervalue", ("uid", "about", "value", "why", "source"), "id"),
}
LINE = """b.uid, b.label, a.reference, n.slug, n.name, n.kind, n.country, b.year, b.last_year, b.nature,
    b.amount, b.most, b.currency, b.span, b.exactness, b.standing, b.origin, b.equivalent,
    b.equivalent_currency, b.counted_amount, t.slug, w.uid, s.uid, r.uid, b.source, b.id
    FROM actions_budgetline b
    LEFT JOIN actions_action a ON a.id = b.action_id
    LEFT JOIN cooperation_partner n ON n.id = b.funder_id AND n.status = 'publie'
    LEFT JOIN cooperation_partner t ON t.id = b.through_id AND t.status = 'publie'
    LEFT JOIN actions_budgetline w ON w.id = b.included_in_id
    LEFT JOIN agreements_avenant s ON s.id = b.set_by_id AND s.status = 'publie'
    LEFT JOIN agreements_avenant r ON r.id = b.superseded_by_id AND r.status = 'publie'"""
PARTS = {
    "parties": """SELECT y.convention_id, y.uid, n.slug, n.name, n.kind, n.country, y.role, y.note,
        y.source, y.share, a.code
        FROM agreements_party y LEFT JOIN cooperation_arrondissement a ON a.id = y.arrondissement_id
        LEFT JOIN cooperation_partner n
        ON n.id = y.partner_id AND n.status = 'publie' WHERE y.convention_id IN ({}) ORDER BY y.id""",
    "avenants": """SELECT convention_id, uid, number, purpose, signed_on, starts_on, ends_on,
        budget_change, currency, source, new_total, id FROM agreements_avenant
        WHERE status = 'publie' AND convention_id IN ({}) ORDER BY number""",
    "legal_steps": """SELECT s.convention_id, s.uid, s.kind, n.slug, s.done_on, s.number, d.reference,
        s.source, s.organ, s.result, s.votes_for, s.votes_against, s.abstentions
        FROM agreements_legalstep s
        LEFT JOIN cooperation_partner n ON n.id = s.partner_id AND n.status = 'publie'
        LEFT JOIN cooperation_document d ON d.id = s.document_id AND d.status = 'publie'
        AND d.access = 'public' WHERE s.convention_id IN ({}) ORDER BY s.id""",
    **{
        name: f"""SELECT convention_id, {", ".join(columns)} FROM agreements_{table}
        WHERE convention_id IN ({{}}) ORDER BY {order}"""  # noqa: S608  our own words
        for name, (table, columns, order) in LIFE.items()
    },
    "themes": """SELECT t.convention_id, h.slug FROM agreements_convention_themes t
        JOIN cooperation_theme h ON h.id = t.theme_id WHERE t.convention_id IN ({}) ORDER BY h.name""",
    "odds": """SELECT convention_id, odd_id FROM agreements_convention_odds
        WHERE convention_id IN ({}) ORDER BY odd_id""",
    "documents": """SELECT x.convention_id, d.reference FROM agreements_convention_documents x
        JOIN cooperation_document d ON d.id = x.document_id AND d.status = 'publie'
        AND d.access = 'public' WHERE x.convention_id IN ({}) ORDER BY d.updated_at DESC, d.id""",
    "axes": """SELECT x.convention_id, x.uid, x.number, x.title, a.uid, x.source FROM actions_axis x
        LEFT JOIN agreements_avenant a ON a.id = x.added_by_id AND a.status = 'publie'
        WHERE x.convention_id IN ({}) ORDER BY x.number""",
    "actions": """SELECT convention_id, reference FROM actions_action
        WHERE convention_id IN ({}) ORDER BY number""",
    "budget_lines": f"""SELECT b.convention_id, {LINE} WHERE b.convention_id IN ({{}}) ORDER BY b.id""",
    "shared_lines": f"""SELECT h.convention_id, {LINE}
        JOIN actions_budgetline_also_for h ON h.budgetline_id = b.id
        JOIN agreements_convention o ON o.id = b.convention_id AND o.status = 'publie'
        WHERE h.convention_id IN ({{}}) ORDER BY b.id""",
    "indicators": """SELECT i.convention_id, i.uid, i.name, i.unit, a.reference, i.baseline,
        i.baseline_on, i.target, i.target_on, i.source, i.id FROM actions_indicator i
        LEFT JOIN actions_action a ON a.id = i.action_id WHERE i.convention_id IN ({}) ORDER BY i.id""",
}
PAYMENTS = """SELECT d.budget_line_id, d.uid, d.kind, d.paid_on, d.amount, d.currency, d.reference,
    p.slug, i.uid, d.source FROM actions_disbursement d
    LEFT JOIN cooperation_partner p ON p.id = d.payee_id AND p.status = 'publie'
    LEFT JOIN actions_instalment i ON i.id = d.instalment_id
    WHERE d.budget_line_id IN ({}) ORDER BY d.paid_on IS NULL, d.paid_on, d.id"""
INSTALMENTS = """SELECT budget_line_id, uid, amount, expected_on, condition, source FROM actions_instalment
    WHERE budget_line_id IN ({}) ORDER BY expected_on IS NULL, expected_on, id"""
JOINT = """SELECT x.budgetline_id, p.slug FROM actions_budgetline_joint_funders x
    JOIN cooperation_partner p ON p.id = x.partner_id AND p.status = 'publie'
    WHERE x.budgetline_id IN ({}) ORDER BY p.name"""
ALSO = """SELECT x.budgetline_id, c.reference FROM actions_budgetline_also_for x
    JOIN agreements_convention c ON c.id = x.convention_id AND c.status = 'publie'
    WHERE x.budgetline_id IN ({}) ORDER BY c.sort_key DESC, c.reference"""
OF_LINES = (PAYMENTS, INSTALMENTS, JOINT, ALSO)
PAPERS = """SELECT x.avenant_id, d.reference FROM agreements_avenant_documents x
    JOIN cooperation_document d ON d.id = x.document_id AND d.status = 'publie'
    AND d.access = 'public' WHERE x.avenant_id IN ({}) ORDER BY d.updated_at DESC, d.id"""
VALUES = """SELECT m.indicator_id, m.uid, m.value, m.measured_on, m.sex, n.slug, m.source
    FROM actions_measurement m LEFT JOIN cooperation_partner n
    ON n.id = m.place_id AND n.status = 'publie' WHERE m.indicator_id IN ({})
    ORDER BY m.measured_on IS NULL, m.measured_on, m.id"""


def grouped(database, sql, keys):
    found = defaultdict(list)
    if keys:
        for key, *row in database.execute(sql.format(",".join("?" * len(keys))), keys):
            found[key].append(row)
    return found


def first_day(text):
    return (text + "-01-01")[:10]


def last_day(text):
    return text + {4: "-12-31", 7: "-31", 10: ""}[len(text)]


def state_of(begin, term, today, has_no_term):
    if begin and first_day(begin) > today:
        return "a-venir"
    if term and last_day(term) < today:
        return "expiree"
    return "en-vigueur" if begin and (term or has_no_term) else "terme-inconnu"


def money(amount):
    return None if amount is None else f"{amount:.2f}"


def measured(value):
    return None if value is None else f"{value:.4f}"


def partner(slug, name, kind, country):
    return slug and {
        "slug": slug,
        "name": name,
        "kind": kind,
        "kind_label": PARTNERS.get(kind, ""),
        "country": country,
        "country_label": COUNTRIES.get(country, ""),
    }


def totals(lines):
    """In whole cents, exactly; francs first, then euros."""
    sums = defaultdict(lambda: defaultdict(int))
    for line in lines:
        if line["counted_amount"] is not None:
            counted = int(line["counted_amount"].replace(".", ""))
            sums[line["currency"]][line["nature"]] += counted
    return [
        {
            "currency": currency,
            "amount": cents(sum(sums[currency].values())),
            "parts": {nature: cents(amount) for nature, amount in sums[currency].items()},
        }
        for currency in sorted(sums, key=lambda code: {"XOF": 0, "EUR": 1}.get(code, 2))
    ]


def cents(number):
    return f"{number // 100}.{number % 100:02}"


def progress(baseline, target, values):
    start = baseline or 0
    whole = [value for value in values if not value["sex"] and value["place"] is None]
    if not whole or target is None or target == start:
        return None
    return int(100 * (float(whole[-1]["value"]) - start) / (target - start) + 0.5)


def rows(database, limit, offset):
    today = date.today().isoformat()
    page = database.execute(PAGE, (today, today, limit, offset)).fetchall()
    keys = [row[0] for row in page]
    parts = {name: grouped(database, sql, keys) for name, sql in PARTS.items()}
    lines = [
        line[-1]
        for name in ("budget_lines", "shared_lines")
        for found in parts[name].values()
        for line in found
    ]
    of_lines = [grouped(database, sql, lines) for sql in OF_LINES]
    avenants = [line[-1] for found in parts["avenants"].values() for line in found]
    papers = grouped(database, PAPERS, avenants)
    indicators = [line[-1] for found in parts["indicators"].values() for line in found]
    values = grouped(database, VALUES, indicators)
    for row in page:
        yield one(row, parts, of_lines, papers, values, today)


def line_of(line, payments, instalments, joint, also):
    uid, label, action, *funder, year, last_year, nature, amount, most, currency = line[:13]
    span, exactness, standing, origin, equivalent, equivalent_currency, counted = line[13:20]
    through, whole, set_by, superseded_by, said, key = line[20:]
    return {
        "uid": uid,
        "label": label,
        "year": year,
        "last_year": last_year,
        "nature": nature,
        "nature_label": NATURES.get(nature, ""),
        "amount": money(amount),
        "most": money(most),
        "currency": currency,
        "span": span,
        "span_label": "",
        "exactness": exactness,
        "exactness_label": "",
        "standing": standing,
        "standing_label": STANDINGS.get(standing, ""),
        "origin": origin,
        "origin_label": "",
        "equivalent": money(equivalent),
        "equivalent_currency": equivalent_currency,
        "counted_amount": money(counted),
        "action": action,
        "funder": partner(*funder),
        "joint_funders": [slug for (slug,) in joint.get(key, ())],
        "through": through,
        "also_for": [reference for (reference,) in also.get(key, ())],
        "included_in": whole,
        "set_by": set_by,
        "superseded_by": superseded_by,
        "instalments": [
            {
                "uid": one[0],
                "amount": money(one[1]),
                "expected_on": one[2],
                "condition": one[3],
                "source": one[4],
            }
            for one in instalments.get(key, ())
        ],
        "disbursements": [
            {
                "uid": paid[0],
                "kind": paid[1],
                "kind_label": PAID_KINDS[paid[1]],
                "paid_on": paid[2],
                "amount": money(paid[3]),
                "currency": paid[4],
                "reference": paid[5],
                "payee": paid[6],
                "instalment": paid[7],
                "source": paid[8],
            }
            for paid in payments.get(key, ())
        ],
        "source": said,
    }


def one(row, parts, of_lines, papers, values, today):
    key, reference, title, kind, status, signed, starts, ends, begin, term, months, since = row[:12]
    objectives, predecessor, note, source, version, updated = row[12:18]
    words, own_number, deduced, has_no_term, results, difficulties, recommendations = row[18:25]
    state = state_of(begin, term, today, has_no_term)
    lines, shared = (
        [line_of(line, *of_lines) for line in parts[name].get(key, ())]
        for name in ("budget_lines", "shared_lines")
    )
    indicators = []
    for uid, name, unit, action, base, base_on, target, target_on, said, line in parts[
        "indicators"
    ].get(key, ()):
        found = [
            {
                "uid": value[0],
                "value": measured(value[1]),
                "measured_on": value[2],
                "sex": value[3],
                "sex_label": SEXES.get(value[3], ""),
                "place": value[4],
                "source": value[5],
            }
            for value in values.get(line, ())
        ]
        indicators.append(
            {
                "uid": uid,
                "name": name,
                "unit": unit,
                "action": action,
                "baseline": measured(base),
                "baseline_on": base_on,
                "target": measured(target),
                "target_on": target_on,
                "progress": progress(base, target, found),
                "measurements": found,
                "source": said,
            }
        )
    moment = datetime.fromisoformat(updated).replace(tzinfo=UTC).astimezone(ZONE)
    return {
        "reference": reference,
        "title": title,
        "kind": kind,
        "kind_label": KINDS.get(kind, ""),
        "kind_words": words,
        "own_number": own_number,
        "results": results,
        "difficulties": difficulties,
        "recommendations": recommendations,
        "status": status,
        "status_label": STATUSES[status],
        "state": state,
        "state_label": STATES[state],
        "signed_on": signed,
        "starts_on": starts,
        "ends_on": ends,
        "begin": begin,
        "deduced_end": deduced,
        "term": term,
        "duration_months": months,
        "has_no_term": bool(has_no_term),
        "partnership_since": since,
        "objectives": objectives,
        "parties": [
            {
                "uid": uid,
                "partner": partner(*named),
                "role": role,
                "role_label": ROLES.get(role, ""),
                "note": note_of,
                "share": share,
                "arrondissement": part,
                "source": said,
            }
            for uid, *named, role, note_of, said, share, part in parts["parties"].get(key, ())
        ],
        "avenants": [
            {
                "uid": uid,
                "number": number,
                "purpose": purpose,
                "status": "publie",
                "status_label": STATUSES["publie"],
                "signed_on": signed_on,
                "starts_on": starts_on,
                "ends_on": ends_on,
                "budget_change": money(change),
                "new_total": money(new_total),
                "currency": currency,
                "documents": [paper[0] for paper in papers.get(line, ())],
                "source": said,
            }
            for (
                uid,
                number,
                purpose,
                signed_on,
                starts_on,
                ends_on,
                change,
                currency,
                said,
                new_total,
                line,
            ) in parts["avenants"].get(key, ())
        ],
        "legal_steps": [
            {
                "uid": uid,
                "kind": step,
                "kind_label": STEPS[step],
                "partner": slug,
                "done_on": done,
                "number": number,
                "organ": organ,
                "result": result,
                "result_label": RESULTS.get(result, ""),
                "votes_for": votes[0],
                "votes_against": votes[1],
                "abstentions": votes[2],
                "document": document,
                "source": said,
            }
            for uid, step, slug, done, number, document, said, organ, result, *votes in parts[
                "legal_steps"
            ].get(key, ())
        ],
        **{
            name: [dict(zip(columns, line, strict=True)) for line in parts[name].get(key, ())]
            for name, (_, columns, _) in LIFE.items()
        },
        "themes": [slug for (slug,) in parts["themes"].get(key, ())],
        "odds": [number for (number,) in parts["odds"].get(key, ())],
        "documents": [document for (document,) in parts["documents"].get(key, ())],
        "predecessor": predecessor,
        "framework": row[25],
        "provenance": row[26],
        "provenance_label": "",
        "unnamed_parties": row[27],
        "follow_up_body": row[28],
        "meeting_rhythm": row[29],
        "meeting_rhythm_label": "",
        "situation": row[30],
        "note": note,
        "page": f"{SITE}/conventions/{reference}/",
        "source": source,
        "version": version,
        "updated_at": moment.isoformat(),
        "axes": [
            {"uid": uid, "number": number, "title": name, "added_by": avenant, "source": said}
            for uid, number, name, avenant, said in parts["axes"].get(key, ())
        ],
        "actions": [action for (action,) in parts["actions"].get(key, ())],
        "budget_lines": lines,
        "shared_lines": shared,
        "totals": totals([*lines, *shared]),
        "indicators": indicators,
    }


def application(path):
    database = sqlite3.connect(path, check_same_thread=False)

    async def conventions(request):
        limit, offset = (int(request.query_params[name]) for name in ("limit", "offset"))
        (count,) = database.execute(
            "SELECT COUNT(*) FROM agreements_convention WHERE status = 'publie'"
        ).fetchone()
        answer = {"count": count, "results": list(rows(database, limit, offset))}
        return Response(orjson.dumps(answer), media_type="application/json")

    return Starlette(routes=[Route("/conventions", conventions)])


async def main(path, addresses):
    transport = httpx.ASGITransport(application(path))
    found = {"cpu": {}, "rows": {}}
    async with httpx.AsyncClient(transport=transport, base_url="http://bench") as client:
        for name, address in addresses.items():
            runs = []
            for _ in range(ROUNDS + 1):
                began = time.process_time()
                response = await client.get(f"/conventions?{address}")
                runs.append(1000 * (time.process_time() - began))
            found["cpu"][name] = median(runs[1:])
            found["rows"][name] = response.json()["results"]
    print(json.dumps(found))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))
