"""Sections rendered apart, put together as one tagged PDF: PDF/UA-1 and PDF/A-2a.

Written as it is read, one section at a time: memory does not grow with the number of pages. Page
numbers, outline, tags and links are those of the whole.
"""

import re
import secrets
import struct
import zlib

from django.template.loader import render_to_string
from pikepdf import (
    Array,
    Dictionary,
    Name,
    Pdf,
    Stream,
    String,
    parse_content_stream,
    unparse_content_stream,
)

# What links from one section to another begin with: registre:NAME leads to the anchor NAME.
SCHEME = "registre:"
# A string, left as it is, or a reference to an object.
REFERENCE = re.compile(rb"\((?:\\.|[^\\()])*\)|<[0-9a-fA-F]*>|\b(\d+) 0 R\b", re.DOTALL)
# Streams that hold no content: how a file is packed.
PACKING = (Name.XRef, Name.ObjStm)
# Objects compressed together.
PACKED = 200
FRAME = b"Q /Artifact <</Type /Pagination>> BDC /Frame Do /PageNumber Do EMC"
FORM = b"/Type /XObject /Subtype /Form /BBox [0 0 596 842]"
# Where a page bears its number, in points: its end on the right, its line, the size of its letters.
RIGHT, LINE, LETTERS = 595.28 - 51.02, 25.5, 8


class Writer:
    """A PDF file written front to back: objects, then the table of where they are."""

    def __init__(self, file):
        self.file, self.position = file, 0
        self.places, self.packed = [(0, 0, 65535)], []
        self.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def write(self, data) -> None:
        self.file.write(data)
        self.position += len(data)

    def reserve(self) -> int:
        """The number of an object that is written later."""
        self.places.append(None)
        return len(self.places) - 1

    def add(self, body, number=None) -> int:
        """Write an object that is no stream; returns its number."""
        number = self.reserve() if number is None else number
        self.packed.append((number, body))
        if len(self.packed) == PACKED:
            self.pack()
        return number

    def add_stream(self, entries, data, number=None) -> int:
        """Write a stream; `entries` are those of its dictionary, without its length."""
        number = self.reserve() if number is None else number
        self.places[number] = (1, self.position, 0)
        head = b"%d 0 obj\n<< %b /Length %d >>\nstream\n" % (number, entries, len(data))
        # Both marks: after data that ends on "\r", "\n" alone would read as the rest of one line end.
        self.write(head + data + b"\r\nendstream\nendobj\n")
        return number

    def pack(self) -> None:
        if not self.packed:
            return
        container, heads, bodies, start = self.reserve(), [], [], 0
        for place, (number, body) in enumerate(self.packed):
            self.places[number] = (2, container, place)
            heads.append(b"%d %d" % (number, start))
            bodies.append(body)
            start += len(body) + 1
        head = b" ".join(heads) + b"\n"
        entries = b"/Type /ObjStm /N %d /First %d /Filter /FlateDecode"
        entries %= (len(self.packed), len(head))
        self.packed = []
        self.add_stream(entries, zlib.compress(head + b"\n".join(bodies)), container)

    def finish(self, root, info) -> None:
        self.pack()
        table = self.reserve()
        start = self.position
        self.places[table] = (1, start, 0)
        rows = b"".join(struct.pack(">BIH", *place) for place in self.places)
        mark = secrets.token_hex(16).encode()
        entries = (
            b"/Type /XRef /Size %d /W [1 4 2] /Root %d 0 R /Info %d 0 R /ID [<%b> <%b>]"
            b" /Filter /FlateDecode" % (len(self.places), root, info, mark, mark)
        )
        self.add_stream(entries, zlib.compress(rows), table)
        self.write(b"startxref\n%d\n%%%%EOF\n" % start)


def text(value) -> bytes:
    """A string as PDF writes it."""
    return String(value).unparse()


def entries_of(dictionary) -> bytes:
    """What stands between << and >>."""
    return dictionary.unparse(resolved=True).strip()[2:-2]


def shifted(body, numbered) -> bytes:
    """The text of an object with the new numbers of those that it names."""

    def renamed(match):
        return b"%d 0 R" % numbered[int(match[1])] if match[1] else match[0]

    return REFERENCE.sub(renamed, body)


class Frame:
    """Objects the merged file keeps only once."""

    def __init__(self, pdf):
        root = pdf.Root
        self.tree = root.get("/StructTreeRoot")
        frame = [root, root.Pages, root.get("/Metadata"), pdf.trailer.get("/Info")]
        frame += [intent.DestOutputProfile for intent in root.get("/OutputIntents", [])]
        if self.tree is not None:
            frame += [self.tree, self.tree.K[0], self.tree.ParentTree]
        self.objects = {item.objgen[0] for item in frame if item is not None}


def reached_from(item) -> list:
    """An object and all those that it names, each once."""
    found, ahead = {}, [item]
    while ahead:
        item = ahead.pop()
        if isinstance(item, Array):
            ahead.extend(item)
        elif isinstance(item, Dictionary | Stream) and item.objgen[0] not in found:
            if item.is_indirect:
                found[item.objgen[0]] = item
            entries = item.stream_dict if isinstance(item, Stream) else item
            ahead.extend(entry for _, entry in entries.items())
    return list(found.values())


def link_within(annotation) -> None:
    """A link to another section becomes one to a place of the same file."""
    address = str(annotation.get("/A", {}).get("/URI", ""))
    if address.startswith(SCHEME):
        del annotation["/A"]
        annotation.Dest = String(address.removeprefix(SCHEME))
        annotation.Contents = String("Aller à cette page")


class Assembly:
    """Takes sections in the order of their pages, then finishes the file."""

    def __init__(self, file, *, title, made_at, frame, framed_from):
        """`frame`: a file of two pages, what stands around each page and the ten digits in the
        letters of page numbers. Pages before `framed_from`, a cover, bear neither.
        """
        self.writer, self.title, self.made_at = Writer(file), title, made_at
        self.pages_node, self.document = self.writer.reserve(), self.writer.reserve()
        self.pages, self.outline, self.anchors = [], [], {}
        self.parents, self.kids, self.next_parent = [], [], 0
        self.profile = None
        self.before = self.writer.add_stream(b"", b"q")
        self.after = self.writer.add_stream(b"", FRAME)
        self.framed_from = framed_from
        self.take_frame(frame)

    def take_frame(self, file) -> None:
        """The object that draws what is around a page, the font of page numbers, its digits."""
        with Pdf.open(file) as pdf:
            around, digits = (page.obj for page in pdf.pages)
            numbered = self.copy_objects(reached_from(around.Resources), {})
            resources = shifted(Array([around.Resources]).unparse(), numbered).strip()[1:-1]
            entries = FORM + b" /Resources " + resources
            # It is no part of the text: what tags its words would have goes.
            drawing = [
                step for step in parse_content_stream(around) if str(step[1]) not in ("BDC", "EMC")
            ]
            self.frame = self.writer.add_stream(entries, unparse_content_stream(drawing))
            codes = b""
            for operands, operator in parse_content_stream(digits):
                if str(operator) == "Tf":
                    font = digits.Resources.Font[str(operands[0])]
                elif str(operator) == "TJ":
                    codes += b"".join(
                        bytes(part) for part in operands[0] if isinstance(part, String)
                    )
            self.digits = [codes[place : place + 2].hex().encode() for place in range(0, 20, 2)]
            numbered = self.copy_objects(reached_from(font), {})
            self.font = numbered[font.objgen[0]]
            # Of a thousandth of the letters' size; all digits have the same.
            (descendant,) = font.DescendantFonts
            self.width = float(descendant.W[1][0])

    def number_form(self, number) -> int:
        """The object that draws a number where pages bear it."""
        text = str(number)
        start = RIGHT - len(text) * self.width * LETTERS / 1000
        codes = b"".join(self.digits[int(digit)] for digit in text)
        drawing = b"BT /F %d Tf 0.27 g %.2f %.2f Td <%b> Tj ET" % (LETTERS, start, LINE, codes)
        entries = FORM + b" /Resources << /Font << /F %d 0 R >> >>"
        return self.writer.add_stream(entries % self.font, drawing)

    def add(self, file, headings, anchors) -> None:
        """Append the pages of a section, its headings and its anchors."""
        first = len(self.pages)
        with Pdf.open(file) as pdf:
            frame = Frame(pdf)
            self.renumber_parents(pdf, frame.tree)
            for page in pdf.pages:
                for annotation in page.obj.get("/Annots", []):
                    link_within(annotation)
            pages = {page.obj.objgen[0]: self.writer.reserve() for page in pdf.pages}
            self.pages += pages.values()
            numbered = {
                frame.tree.K[0].objgen[0]: self.document,
                pdf.Root.Pages.objgen[0]: self.pages_node,
                **pages,
                **self.colours(pdf),
            }
            own = [
                item
                for item in pdf.objects
                if item.objgen[0] not in frame.objects | pages.keys()
                and not (isinstance(item, Stream) and item.get("/Type") in PACKING)
            ]
            numbered = self.copy_objects(own, numbered)
            for number, page in enumerate(pdf.pages, start=first + 1):
                body = self.framed_page(page.obj, number, numbered)
                self.writer.add(body, pages[page.obj.objgen[0]])
            nums = frame.tree.ParentTree.Nums
            for place in range(0, len(nums), 2):
                value = shifted(Array([nums[place + 1]]).unparse(), numbered).strip()[1:-1]
                self.parents.append(b"%d %b" % (nums[place], value))
            self.kids += [numbered[kid.objgen[0]] for kid in frame.tree.K[0].K]
        for name, (page, top) in anchors.items():
            self.anchors.setdefault(name, (self.pages[first + page], top))
        for heading in headings:
            page = self.pages[first + heading.page]
            self.outline.append(OutlineItem(heading.level, heading.label, page, heading.top))

    def colours(self, pdf) -> dict:
        """The colour profile, that each section brings and the whole has once."""
        profile = pdf.Root.OutputIntents[0].DestOutputProfile
        if self.profile is None:
            self.profile = self.writer.add_stream(b"/N 3", profile.read_bytes())
        return {profile.objgen[0]: self.profile}

    def renumber_parents(self, pdf, tree) -> None:
        """The keys by which pages and links find their tags: one series for the whole."""
        start, nums = self.next_parent, tree.ParentTree.Nums
        for place in range(0, len(nums), 2):
            nums[place] = int(nums[place]) + start
        self.next_parent += len(nums) // 2
        for page in pdf.pages:
            page.obj.StructParents = int(page.obj.StructParents) + start
            for annotation in page.obj.get("/Annots", []):
                if "/StructParent" in annotation:
                    annotation.StructParent = int(annotation.StructParent) + start

    def copy_objects(self, kept, numbered) -> dict:
        """Write objects under new numbers; returns {old number: new number}, with those given."""
        numbered = numbered | {item.objgen[0]: self.writer.reserve() for item in kept}
        for item in kept:
            number = numbered[item.objgen[0]]
            if isinstance(item, Stream):
                data = item.read_raw_bytes()
                entries = Dictionary(item.stream_dict)
                del entries["/Length"]
                self.writer.add_stream(shifted(entries_of(entries), numbered), data, number)
            else:
                self.writer.add(shifted(item.unparse(resolved=True), numbered), number)
        return numbered

    def framed_page(self, page, number, numbered) -> bytes:
        """The page as it is written, with what is around it and its number."""
        if number < self.framed_from:
            return shifted(page.unparse(resolved=True), numbered)
        resources, drawn = Dictionary(page.Resources), Dictionary()
        if "/XObject" in resources:
            drawn = resources.XObject
            del resources["/XObject"]
        contents = numbered[page.Contents.objgen[0]]
        del page["/Resources"], page["/Contents"]
        body, fonts, drawn = (
            shifted(entries_of(part), numbered) for part in (page, resources, drawn)
        )
        drawn += b" /Frame %d 0 R /PageNumber %d 0 R" % (self.frame, self.number_form(number))
        contents = b"%d 0 R %d 0 R %d 0 R" % (self.before, contents, self.after)
        return b"<< %b /Contents [%b] /Resources << %b /XObject << %b >> >> >>" % (
            body,
            contents,
            fonts,
            drawn,
        )

    def finish(self) -> None:
        """Write what holds the pages together."""
        writer = self.writer
        kids = b" ".join(b"%d 0 R" % number for number in self.pages)
        pages = b"<< /Type /Pages /Count %d /Kids [%b] >>" % (len(self.pages), kids)
        writer.add(pages, self.pages_node)
        tree = writer.reserve()
        kids = b" ".join(b"%d 0 R" % number for number in self.kids)
        element = b"<< /Type /StructElem /S /Document /P %d 0 R /K [%b] >>" % (tree, kids)
        writer.add(element, self.document)
        parents = writer.add(b"<< /Nums [%b] >>" % b" ".join(self.parents))
        element = b"<< /Type /StructTreeRoot /K [%d 0 R] /ParentTree %d 0 R >>"
        writer.add(element % (self.document, parents), tree)
        names = b" ".join(
            b"%b [%d 0 R /XYZ 0 %.2f 0]" % (text(name), page, top)
            for name, (page, top) in sorted(self.anchors.items(), key=lambda pair: pair[0].encode())
        )
        destinations = writer.add(b"<< /Names [%b] >>" % names)
        context = {"title": self.title, "made_at": self.made_at}
        facts = render_to_string("reports/pdf_metadata.xml", context).encode()
        metadata = writer.add_stream(b"/Type /Metadata /Subtype /XML", facts)
        intent = (
            b"<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB)"
            b" /Info (sRGB) /DestOutputProfile %d 0 R >>" % self.profile
        )
        root = writer.add(
            b"<< /Type /Catalog /Pages %d 0 R /StructTreeRoot %d 0 R /Metadata %d 0 R /Lang (fr)"
            b" /MarkInfo << /Marked true >> /ViewerPreferences << /DisplayDocTitle true >>"
            b" /OutputIntents [%b] /Names << /Dests %d 0 R >> %b >>"
            % (self.pages_node, tree, metadata, intent, destinations, self.outlines())
        )
        moment = self.made_at.strftime("D:%Y%m%d%H%M%SZ").encode()
        info = b"<< /Title %b /CreationDate (%b) /ModDate (%b) >>"
        writer.finish(root, writer.add(info % (text(self.title), moment, moment)))

    def outlines(self) -> bytes:
        """The entry of the catalog that names the outline, where there is one."""
        if not self.outline:
            return b""
        top = OutlineItem(0, "", 0, 0)
        top.number = self.writer.reserve()
        branch = [top]
        for entry in self.outline:
            while branch[-1].level >= entry.level:
                branch.pop()
            entry.number, entry.parent = self.writer.reserve(), branch[-1]
            entry.place = len(entry.parent.below)
            entry.parent.below.append(entry)
            branch.append(entry)
        for entry in self.outline:
            self.writer.add(entry.written(), entry.number)
        ends = (top.below[0].number, top.below[-1].number, len(top.below))
        body = b"<< /Type /Outlines /First %d 0 R /Last %d 0 R /Count %d >>" % ends
        self.writer.add(body, top.number)
        return b"/Outlines %d 0 R /PageMode /UseOutlines" % top.number


class OutlineItem:
    """One line of the outline: closed, until the reader opens it."""

    def __init__(self, level, label, page, top):
        self.level, self.label, self.page, self.top = level, label, page, top
        self.number = self.parent = None
        self.below = []
        self.place = None

    def written(self) -> bytes:
        siblings = self.parent.below
        body = b"<< /Title %b /Parent %d 0 R /Dest [%d 0 R /XYZ 0 %.2f 0]"
        body %= (text(self.label), self.parent.number, self.page, self.top)
        if self.place:
            body += b" /Prev %d 0 R" % siblings[self.place - 1].number
        if self.place + 1 < len(siblings):
            body += b" /Next %d 0 R" % siblings[self.place + 1].number
        if self.below:
            ends = (self.below[0].number, self.below[-1].number, -len(self.below))
            body += b" /First %d 0 R /Last %d 0 R /Count %d" % ends
        return body + b" >>"
