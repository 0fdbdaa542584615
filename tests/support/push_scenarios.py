"""What is pushed to a guarded server, and what comes of it: each refusal beside a legitimate twin that passes."""

from __future__ import annotations

from support.histories import Executable, Link, Submodule
from support.pushes import BASE, FOLDER, POLICY, Push, fine, gone, onto, text_of, waiver
from support.sources import PROJECT, project, sources

TOPIC = "topic"
OTHER = "other/versions"


def many(drawing: str, folder: str = FOLDER) -> dict[str, str]:
    return sources(drawing, folder)


def renamed(old: str, new: str) -> dict[str, str | None]:
    return {f"{FOLDER}/{old}_x.py": None, f"{FOLDER}/{new}.py": text_of(f"{old} <- d4")}


def moved(folder: str) -> dict[str, str | None]:
    every = "a1 <- ; b2 <- a1 ; c3 <- b2 ; d4 <- c3 ; e5 <- d4"
    return {**gone("a1", "b2", "c3", "d4", "e5"), **sources(every, folder)}


SECOND = {"other/env.py": "", "other/script.py.mako": "x", **many("k1 <- ; k2 <- k1", OTHER)}
WITH_SECOND = [*BASE[:-1], ("main", SECOND), BASE[-1]]
INI = PROJECT["alembic.ini"]
ELSEWHERE = '[[environments]]\nname = "shop"\nversions = ["empty/versions"]\n'
REWRITTEN = [
    ("again", {**project("a1 <- ; b2 <- a1 ; c3 <- b2 ; d4 <- c3 ; e5 <- d4"), "gitmig.toml": POLICY}),
]
JOINED = many("n8 <- b2 ; m9 <- e5, n8")
WITH_JOIN = [*BASE[:-1], ("main", JOINED), ("topic < main", {"notes.md": "topic\n"})]

PAIRS: dict[str, tuple[Push, Push]] = {
    # Edits
    "an edited upgrade": (
        onto("", many("b2 <- a1 text new"), "work:main", "GM201", "b2"),
        fine("", many("b2 <- a1 look new")),
    ),
    "an edited downgrade": (
        onto("", many("c3 <- b2 way new"), "work:main", "GM201", "downgrade"),
        fine("", {f"{FOLDER}/c3_x.py": text_of("c3 <- b2").replace('"""c3', '"""what c3 does')}),
    ),
    "the newest revision edited": (
        onto("", many("e5 <- d4 text new"), "work:main", "GM201", "e5"),
        fine("", many("f6 <- e5")),
    ),
    "the base edited": (
        onto("", many("a1 <- text new"), "work:main", "GM201", "a1"),
        fine("", {f"{FOLDER}/a1_x.py": Executable(text_of("a1 <-"))}),
    ),
    "three edits at once": (
        onto("", many("a1 <- text new ; b2 <- a1 text new ; c3 <- b2 text new"), "work:main", "a1", "b2", "c3"),
        fine("", many("a1 <- look new ; b2 <- a1 look new ; c3 <- b2 look new")),
    ),
    "an edit among twenty good commits": (
        Push(
            [
                ("work < main", {"n": "0"}),
                *[("work", {"n": str(n)}) for n in range(1, 19)],
                ("work", many("b2 <- a1 text new")),
            ],
            ["work:main"],
            ["GM201"],
        ),
        Push([("work < main", {"n": "0"}), *[("work", {"n": str(n)}) for n in range(1, 20)]], ["work:main"]).passes(),
    ),
    "an edit hidden in a new file name": (
        onto(
            "",
            {f"{FOLDER}/c3_x.py": None, f"{FOLDER}/c3_better_name.py": text_of("c3 <- b2 text new")},
            "work:main",
            "GM201",
        ),
        fine("", {f"{FOLDER}/c3_x.py": None, f"{FOLDER}/c3_better_name.py": text_of("c3 <- b2")}),
    ),
    "an emptied revision": (
        onto("", {f"{FOLDER}/d4_x.py": ""}, "work:main", "d4"),
        fine("", {f"{FOLDER}/__init__.py": ""}),
    ),
    "an edit with line ends changed": (
        onto("", {f"{FOLDER}/b2_x.py": text_of("b2 <- a1 text new").replace("\n", "\r\n")}, "work:main", "GM201"),
        fine("", {f"{FOLDER}/b2_x.py": text_of("b2 <- a1").replace("\n", "\r\n")}),
    ),
    # Deletions
    "a deleted head": (onto("", gone("e5"), "work:main", "GM202", "e5"), fine("", {"README.md": None})),
    "a deleted revision in the middle": (
        onto("", gone("c3"), "work:main", "GM202", "c3"),
        fine("", {"notes.md": "x"}),
    ),
    "all revisions deleted": (
        onto("", gone("a1", "b2", "c3", "d4", "e5"), "work:main", "GM202"),
        fine(
            "",
            {
                **moved("db/versions"),
                "alembic.ini": INI.replace("= migrations", "= db"),
                "migrations/env.py": None,
                "migrations/script.py.mako": None,
                "db/env.py": "",
                "db/script.py.mako": "x",
            },
            "work:main",
            "version locations changed",
        ),
    ),
    "revisions squashed into one": (
        onto("", {**gone("a1", "b2"), **many("s1 <- text squashed ; c3 <- s1")}, "work:main", "GM202", "a1"),
        fine(
            "",
            {
                **gone("a1", "b2"),
                **many("s1 <- text squashed ; c3 <- s1"),
                ".gitmig/waivers/a.waiver": "code: GM202\nrange: a1..b2\nreason: squashed\n",
                ".gitmig/waivers/b.waiver": "code: GM204\nrange: c3..c3\nreason: squashed\n",
                ".gitmig/waivers/c.waiver": "code: GM205\nrange: s1..c3\nreason: squashed\n",
            },
            "work:main",
            "waived[GM202]",
        ),
    ),
    "a revision replaced by a link": (
        onto("", {f"{FOLDER}/c3_x.py": Link("b2_x.py")}, "work:main", "c3"),
        fine("", {"docs/latest": Link("../README.md")}),
    ),
    "the versions folder replaced by a link": (
        onto("", {**gone("a1", "b2", "c3", "d4", "e5"), FOLDER: Link("../elsewhere")}, "work:main", "GM202"),
        fine("", {"elsewhere": Link("migrations/versions")}),
    ),
    "a revision replaced by a submodule": (
        onto("", {f"{FOLDER}/c3_x.py": Submodule("1" * 40)}, "work:main", "c3"),
        fine("", {"vendor": Submodule("1" * 40)}),
    ),
    "the configuration leads elsewhere": (
        onto("", {"gitmig.toml": POLICY + ELSEWHERE, "empty/versions/x": ""}, "work:main", "GM202", "a1"),
        fine("", {"alembic.ini": INI + "# a remark\n"}, "work:main", "runtime changed"),
    ),
    # Ids and parents
    "a renamed id": (
        onto("", {f"{FOLDER}/e5_x.py": text_of("x5 <- d4")}, "work:main", "e5"),
        fine("", {f"{FOLDER}/e5_x.py": None, f"{FOLDER}/e5_y.py": text_of("e5 <- d4")}),
    ),
    "a revision put elsewhere": (
        onto("", many("d4 <- b2"), "work:main", "GM204", "d4"),
        fine("", many("f6 <- e5 ; g7 <- f6")),
    ),
    "the head put on the base": (
        onto("", many("e5 <- a1"), "work:main", "GM204"),
        fine("", many("f6 <- e5 needs a1")),
    ),
    "a base where there was a parent": (
        onto("", many("c3 <- "), "work:main", "GM204", "c3"),
        fine("", many("z1 <- label second")),
    ),
    "another dependency": (
        onto("", many("e5 <- d4 needs b2"), "work:main", "GM204"),
        fine("", many("f6 <- e5 needs b2")),
    ),
    "a sunken revision": (
        onto("", many("x1 <- c3 ; d4 <- x1"), "work:main", "GM205", "x1"),
        fine("", many("x1 <- e5")),
    ),
    "a sunken line": (
        onto("", many("x1 <- c3 ; x2 <- x1 ; d4 <- x2"), "work:main", "GM205", "x1", "x2"),
        fine("", many("x1 <- e5 ; x2 <- x1")),
    ),
    "a new base beneath the old one": (
        onto("", many("x0 <- ; a1 <- x0"), "work:main", "GM205", "x0"),
        fine("", many("x0 <- e5")),
    ),
    "a merge revision slipped in": (
        onto("", many("x1 <- b2 ; d4 <- c3, x1"), "work:main", "GM205"),
        fine("", many("x1 <- b2 ; m9 <- e5, x1")),
    ),
    # The graph
    "two heads": (onto("", many("g7 <- d4"), "work:main", "GM101", "g7"), fine("", many("g7 <- e5"))),
    "two new revisions that compete": (
        onto("", many("g7 <- e5 ; h8 <- e5"), "work:main", "GM101"),
        fine("", many("g7 <- e5 ; h8 <- e5 ; m9 <- g7, h8")),
    ),
    "three heads": (
        onto("", many("g7 <- e5 ; h8 <- e5 ; i9 <- e5"), "work:main", "GM101"),
        fine("", many("g7 <- e5 label left ; h8 <- e5 label right")),
    ),
    "a missing parent": (onto("", many("g7 <- zz"), "work:main", "GM102", "zz"), fine("", many("g7 <- e5"))),
    "an empty parent": (
        onto("", many('g7 <- ""'), "work:main", "GM102"),
        fine("", many("g7 <- e5 look new")),
    ),
    "a missing dependency": (
        onto("", many("g7 <- e5 needs zz"), "work:main", "GM102"),
        fine("", many("g7 <- e5 needs a1")),
    ),
    "a circle": (
        onto("", many("g7 <- h8 ; h8 <- g7"), "work:main", "GM103"),
        fine("", many("g7 <- e5 ; h8 <- g7")),
    ),
    "the same id twice": (
        onto("", {f"{FOLDER}/e5_copy.py": text_of("e5 <- d4")}, "work:main", "GM104", "e5"),
        fine("", {"notes/e5_copy.py": "text\n"}),
    ),
    "an id that was typed": (
        onto("", many("a1b2c3d4e5f6 <- e5"), "work:main", "GM106"),
        fine("", many("7c1f09e8d2b4 <- e5")),
    ),
    "heads joined twice": (
        Push([("work < main", many("m8 <- n8, e5"))], ["work:main"], ["GM10"], served=WITH_JOIN),
        Push([("work < main", many("o1 <- m9"))], ["work:main"], served=WITH_JOIN).passes(),
    ),
    "a label that is taken": (
        onto("", many("f6 <- e5 label shop ; g7 <- f6 label shop"), "work:main", "GM109"),
        fine("", many("f6 <- e5 label shop")),
    ),
    "two heads in the second environment": (
        Push([("work < main", many("k3 <- k1", OTHER))], ["work:main"], ["GM101", "k3"], served=WITH_SECOND),
        Push([("work < main", many("k3 <- k2", OTHER))], ["work:main"], served=WITH_SECOND).passes(),
    ),
    # What cannot be read
    "a computed id": (
        onto("", {f"{FOLDER}/g7_x.py": text_of("g7 <- e5").replace("'g7'\n", "str(7)\n")}, "work:main", "GM001"),
        fine("", {f"{FOLDER}/g7_x.py": text_of("g7 <- e5").replace("'g7'\n", "'g' '7'\n")}),
    ),
    "broken Python": (
        onto("", many("g7 <- e5 broken"), "work:main", "GM001"),
        fine("", {"tools/broken.py": "def broken(:\n"}),
    ),
    "a broken body of a published revision": (
        onto("", many("c3 <- b2 broken"), "work:main", "c3"),
        fine("", many("c3 <- b2 look new")),
    ),
    "a merge conflict committed": (
        onto(
            "",
            {f"{FOLDER}/g7_x.py": "<<<<<<< HEAD\n" + text_of("g7 <- e5") + "=======\n>>>>>>> topic\n"},
            "work:main",
            "g7_x.py",
        ),
        fine("", {"notes.md": "<<<<<<< HEAD\n=======\n>>>>>>> topic\n"}),
    ),
    "bytes that are no text": (
        onto("", {f"{FOLDER}/g7_x.py": b"\xff\xfe\x00revision"}, "work:main", "g7_x.py"),
        fine("", {"picture.png": b"\xff\xfe\x00"}),
    ),
    "a file over the limit": (
        onto("", {f"{FOLDER}/g7_x.py": text_of("g7 <- e5") + "#" * 1_100_000}, "work:main", "g7_x.py")._replace(
            status=3
        ),
        fine("", {f"{FOLDER}/g7_x.py": text_of("g7 <- e5") + "#" * 1_000}),
    ),
    "a configuration that cannot be read": (
        onto("", {"gitmig.toml": POLICY + "sharde = 1\n"}, "work:main", "sharde")._replace(status=3),
        fine("", {"gitmig.toml": POLICY + "# all is well\n"}, "work:main", "policy changed"),
    ),
    # Policy and waivers
    "a policy that allows it in the same push": (
        onto("", {**many("b2 <- a1 text new"), "gitmig.toml": POLICY + 'ignore = ["GM2"]\n'}, "work:main", "GM201"),
        fine("", {"gitmig.toml": POLICY + 'ignore = ["GM2"]\n'}, "work:main", "policy changed"),
    ),
    "a severity lowered in the same push": (
        onto("", {**many("g7 <- d4"), "gitmig.toml": POLICY + 'severity = { GM1 = "note" }\n'}, "work:main", "GM101"),
        Push(
            [("work < main", many("g7 <- d4"))],
            ["work:main"],
            served=[
                (
                    "main",
                    {
                        **project("a1 <- ; d4 <- a1 ; e5 <- d4"),
                        "gitmig.toml": POLICY + 'severity = { GM101 = "warning" }\n',
                    },
                )
            ],
        ).passes("warning[GM101]"),
    ),
    "shared narrowed in the same push": (
        onto("", {**gone("e5"), "gitmig.toml": 'shared = ["origin/nothing"]\n'}, "work:main", "GM202"),
        fine("", {"gitmig.toml": 'shared = ["origin/main"]\n'}, "work:main", "policy changed"),
    ),
    "a waiver for another text": (
        onto(
            "",
            {**many("b2 <- a1 text new"), **waiver("GM201", "b2", text_of("b2 <- a1 text other"))},
            "work:main",
            "GM201",
            "another text",
        ),
        fine(
            "",
            {**many("b2 <- a1 text new"), **waiver("GM201", "b2", text_of("b2 <- a1 text new"))},
            "work:main",
            "waived[GM201]",
        ),
    ),
    "a waiver without a reason": (
        onto(
            "",
            {**many("b2 <- a1 text new"), ".gitmig/waivers/x.waiver": "code: GM201\nrevision: b2\n"},
            "work:main",
            "GM201",
            "reason",
        ),
        fine("", {".gitmig/waivers/README": "how we do it\n"}),
    ),
    # Force pushes
    "a force push that drops a commit": (
        Push([], ["before:main"], ["GM202", "e5"]),
        Push([("work < before", many("e5 <- d4"))], ["work:main"]).passes(),
    ),
    "a force push to another history": (
        Push([("again", project("a1 <- ; b2 <- a1"))], ["again:main"], ["GM202", "c3"]),
        Push(REWRITTEN, ["again:main"]).passes(),
    ),
    "a force push that swaps the head": (
        Push([("work < before", many("f6 <- d4 text other"))], ["work:main"], ["GM202", "e5"]),
        Push([("work < before", many("e5 <- d4 ; f6 <- e5"))], ["work:main"]).passes(),
    ),
    "a force push to an empty tree": (
        Push([("bare", {"README.md": "x"})], ["bare:main"], ["GM202"]),
        Push([("again", {**REWRITTEN[0][1], "README.md": "x"})], ["again:main"]).passes(),
    ),
    # Merges
    "a merge of a branch that edits": (
        Push(
            [
                ("side < before", many("b2 <- a1 text new")),
                ("work < main", {"x": "x"}),
                ("work + side", many("b2 <- a1 text new")),
            ],
            ["work:main"],
            ["GM201"],
        ),
        Push([("side < before", {"y": "y"}), ("work < main", {"x": "x"}), ("work + side", {})], ["work:main"]).passes(),
    ),
    "a merge that makes two heads": (
        Push(
            [("side < before", many("f6 <- d4")), ("work < main", {"x": "x"}), ("work + side", {})],
            ["work:main"],
            ["GM101"],
        ),
        Push(
            [("side < before", many("f6 <- d4")), ("work < main", {"x": "x"}), ("work + side", many("m9 <- e5, f6"))],
            ["work:main"],
        ).passes(),
    ),
    # New refs
    "a new release branch with an edit": (
        Push([("work < main", many("b2 <- a1 text new"))], ["work:release/3"], ["GM201", "release/3"]),
        Push([], ["before:release/3"]).passes(),
    ),
    "a new release branch that competes": (
        Push([("work < before", many("x5 <- d4"))], ["work:release/3"], ["GM105", "x5"]),
        Push([("work < main", many("x5 <- e5"))], ["work:release/3"]).passes(),
    ),
    "a new release branch without a common history": (
        Push([("alone", project("a1 <- ; q2 <- a1 text other"))], ["alone:release/3"], ["GM202"]),
        Push(REWRITTEN, ["again:release/3"]).passes(),
    ),
    "a new release tag with an edit": (
        Push([("work < main", many("c3 <- b2 text new"))], ["work:refs/tags/v3"], ["GM201", "tag v3"]),
        Push([], ["main:refs/tags/v3"]).passes(),
    ),
    "an annotated release tag with an edit": (
        Push(
            [("work < main", many("c3 <- b2 text new"))],
            ["refs/tags/v3"],
            ["GM201", "tag v3"],
            before=[("tag", "-a", "-m", "three", "v3", "work")],
        ),
        Push([], ["refs/tags/v3"], before=[("tag", "-a", "-m", "three", "v3", "main")]).passes(),
    ),
    # Deleted and moved refs
    "a deleted release branch": (
        Push([], [":release/2"], ["GM202", "r9"]),
        Push([], [":release/1"]).passes(),
    ),
    "a deleted release tag": (
        Push(
            [],
            [":refs/tags/v2.0"],
            ["GM202", "y1"],
            setup=(),
            served=[*BASE, ("side < before", many("y1 <- d4")), ("refs/tags/v2.0 < side", None), ("side < main", None)],
        ),
        Push([], [":refs/tags/v1.0"]).passes(),
    ),
    "a release tag moved back": (
        Push([("work", project("a1 <- "))], ["work:refs/tags/v1.0"], ["GM202", "tag v1.0"]),
        Push([], ["main:refs/tags/v1.0"]).passes(),
    ),
    "a release tag turned into a file": (
        Push(
            [],
            ["main:README.md:refs/tags/v2.0"],
            ["GM202"],
            served=[*BASE, ("side < before", many("y1 <- d4")), ("refs/tags/v2.0 < side", None), ("side < main", None)],
        ),
        Push([], ["main:README.md:refs/tags/readme"]).passes(),
    ),
    # Several refs in one push
    "one bad ref among good ones": (
        Push(
            [("work < main", many("g7 <- d4")), ("fine < release/1", {"x": "x"})],
            ["work:main", "fine:release/1", "topic:other"],
            ["GM101", "main: refused"],
        ),
        Push(
            [("work < main", many("g7 <- e5")), ("fine < release/1", {"x": "x"})],
            ["work:main", "fine:release/1", "topic:other"],
        ).passes(),
    ),
    "two bad refs": (
        Push(
            [("work < main", many("g7 <- d4")), ("bad < release/2", gone("r9"))],
            ["work:main", "bad:release/2"],
            ["main: refused", "release/2: refused", "GM101", "GM202"],
        ),
        Push(
            [("work < main", many("g7 <- e5")), ("good < release/2", many("r10 <- r9"))],
            ["work:main", "good:release/2"],
        ).passes(),
    ),
    "one id with two texts on two branches": (
        Push(
            [("one < release/1", many("x7 <- c3 text one")), ("two < release/1", many("x7 <- c3 text two"))],
            ["one:release/1", "two:refs/tags/v9"],
            ["GM201", "x7"],
        ),
        Push([("one < release/1", many("x7 <- c3 text one"))], ["one:release/1", "one:refs/tags/v9"]).passes(),
    ),
    "a branch deleted while another takes half of it": (
        Push(
            [("release/2", many("r10 <- r9")), ("work < main", many("r9 <- c3 ; m9 <- e5, r9"))],
            ["work:main", ":release/2"],
            ["GM202", "r10"],
            served=[*BASE, ("release/2", many("r10 <- r9"))],
        ),
        Push([("work < main", many("r9 <- c3 ; m9 <- e5, r9"))], ["work:main", ":release/2"]).passes(),
    ),
    "a backport under the same id": (
        Push([("work < release/1", many("e5 <- c3"))], ["work:release/1"], ["GM204", "e5"]),
        Push([("work < release/1", many("e5b <- c3"))], ["work:release/1"]).passes(),
    ),
    "a release branch edits what is on main too": (
        Push([("work < release/1", many("b2 <- a1 text new"))], ["work:release/1"], ["GM201", "release/1"]),
        Push([("work < release/1", many("s1 <- c3"))], ["work:release/1"]).passes(),
    ),
    # Names
    "an edit while a tag is called main": (
        Push(
            [("work < main", many("b2 <- a1 text new"))],
            ["work:main"],
            ["GM201"],
            setup=[("update-ref", "refs/tags/main", "refs/heads/main")],
        )._replace(refs=["work:refs/heads/main"]),
        Push([], ["main:refs/tags/main"]).passes("name of the shared branch main"),
    ),
    "another name for the shared branch": (
        Push(
            [("work < main", many("b2 <- a1 text new"))],
            ["work:current"],
            ["GM201"],
            setup=[("symbolic-ref", "refs/heads/current", "refs/heads/main")],
        ),
        Push(
            [("work < main", many("f6 <- e5"))],
            ["work:current"],
            setup=[("symbolic-ref", "refs/heads/current", "refs/heads/main")],
        ).passes(),
    ),
    "an edit behind a replaced object": (
        Push(
            [("work < main", many("b2 <- a1 text new"))],
            ["work:main"],
            ["GM201"],
            setup=[("replace", "main:migrations/versions/b2_x.py", "main:migrations/versions/c3_x.py")],
        ),
        Push(
            [],
            ["refs/replace/*:refs/replace/*"],
            before=[("replace", "main:migrations/versions/b2_x.py", "main:migrations/versions/c3_x.py")],
        ).passes("shows another object"),
    ),
    # Servers in other states
    "a first push with two heads": (
        Push([("start", project("a1 <- ; b2 <- a1 ; c3 <- a1"))], ["start:main"], ["GM101"], served=[]),
        Push([("start", project("a1 <- ; b2 <- a1"))], ["start:main"], served=[]).passes(),
    ),
    "no configuration: the default branch is guarded": (
        Push(
            [("work < main", many("b2 <- a1 text new"))],
            ["work:main"],
            ["GM201"],
            served=[("main", project("a1 <- ; b2 <- a1")), ("other < main", None)],
        ),
        Push(
            [("work < main", many("b2 <- a1 text new"))],
            ["work:other"],
            served=[("main", project("a1 <- ; b2 <- a1")), ("other < main", None)],
        ).passes(),
    ),
    "HEAD names a branch that is not there": (
        Push(
            [("work < main", many("b2 <- a1 text new"))],
            ["work:main"],
            ["GM201"],
            served=[("main", project("a1 <- ; b2 <- a1"))],
            setup=[("symbolic-ref", "HEAD", "refs/heads/gone")],
        ),
        Push(
            [("work < main", many("c3 <- b2"))],
            ["work:main"],
            served=[("main", project("a1 <- ; b2 <- a1"))],
            setup=[("symbolic-ref", "HEAD", "refs/heads/gone")],
        ).passes(),
    ),
    "no shared branch is known": (
        Push(
            [("work < trunk", {"x": "x"})],
            ["work:trunk"],
            ["symbolic-ref"],
            status=3,
            served=[("trunk", project("a1 <- "))],
            setup=[("symbolic-ref", "HEAD", "refs/heads/gone")],
        ),
        Push(
            [("work < trunk", {"x": "x"})],
            ["work:trunk"],
            served=[("trunk", project("a1 <- "))],
            setup=[("symbolic-ref", "HEAD", "refs/heads/trunk")],
        ).passes(),
    ),
}

ACCEPTED: dict[str, Push] = {
    "anything on a branch that is not shared": Push(
        [("work < topic", {**gone("a1", "b2"), **many("g7 <- zz ; h8 <- h8")})], ["work:topic"]
    ).passes(),
    "a branch whose name holds the whole name of the shared one": Push(
        [("work < main", gone("e5"))], ["work:refs/heads/refs/heads/main"]
    ).passes(),
    "nothing but other files": fine("", {"src/app.py": "x = 1\n", "README.md": "two\n"}),
    "a deleted branch that is not shared": Push([], [":topic"]).passes(),
    "a project without Alembic": Push(
        [("work < main", {"src/app.py": "x = 1\n"})], ["work:main"], served=[("main", {"src/app.py": "x = 0\n"})]
    ).passes(),
    "an old problem stays": Push(
        [("work < main", {"src/app.py": "x = 1\n"})],
        ["work:main"],
        served=[("main", project("a1 <- ; b2 <- a1 ; c3 <- a1"))],
    ).passes(),
    "an old problem mended": Push(
        [("work < main", many("m9 <- b2, c3"))],
        ["work:main"],
        served=[("main", project("a1 <- ; b2 <- a1 ; c3 <- a1"))],
    ).passes(),
    "a broken configuration mended": Push(
        [("work < main", {"gitmig.toml": POLICY})],
        ["work:main"],
        served=[("main", {**project("a1 <- "), "gitmig.toml": "sharde = 1\n"})],
    ).passes("sharde"),
    "a merge revision": fine("", many("f6 <- e5 ; g7 <- e5 ; m9 <- f6, g7")),
    "a second environment": fine("", SECOND),
}
