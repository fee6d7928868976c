"""./run bench [NAME…] [--size N]… [--quick]: tables for people, and a line of JSON for each figure.

Each figure is a ratio or a bound measured in this one run. Databases are made for the run in a
temporary folder, and in the PostgreSQL database that BENCH_POSTGRES names, if it does: it is
emptied.
"""

import argparse
import importlib

BENCHMARKS = {
    "list": "tests.bench.lists",
    "search": "tests.bench.lists",
    "detail": "tests.bench.lists",
    "csv": "tests.bench.lists",
    "pages": "tests.bench.pages",
    "api": "tests.bench.api",
    "phone": "tests.bench.phone",
    "pdf": "tests.bench.pdf",
    "import": "tests.bench.imports",
}


def main():
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument(
        "--size", type=int, action="append", help="this size (and that), instead of each one's own"
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, in a minute or two")
    options = parser.parse_args()
    unknown = set(options.names) - BENCHMARKS.keys()
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(BENCHMARKS)}")
    # Some figures are measured together, on one registry.
    for module in dict.fromkeys(BENCHMARKS[name] for name in options.names or BENCHMARKS):
        print(f"\n== {module.rpartition('.')[2]}", flush=True)
        benchmark = importlib.import_module(module)
        sizes = benchmark.QUICK if options.quick else benchmark.SIZES
        benchmark.run(options.size or sizes)


main()
