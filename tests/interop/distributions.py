# Copyright: (c) 2026, the interlock.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Elasticsearch distributions for tests and the lab: fetched once with Maven, and the Java each of them runs on.

    distributions.py 8.19.0          print the directory of that version, fetching it when it is not there
    distributions.py --java 8.19.0   print the Java home to run it with (ES_JAVA_HOME)

They lie in elasticsearch-<version> below INTERLOCK_ES_CACHE, by default ~/.cache/interlock-cluster, and are shared:
nothing may write there. It is the zip Elasticsearch's own integration tests use, with x-pack and without a JDK.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ARTIFACT = "org.elasticsearch.distribution.integ-test-zip:elasticsearch:%s:zip"
# Major version -> first and last Java it runs on; Java 24 has no security manager, which 7.x and 8.x ask for.
JAVA = {7: (11, 23), 8: (17, 23), 9: (21, 99)}


class Unavailable(Exception):
    """What is missing, and how to get it."""


def cache():
    return pathlib.Path(os.environ.get("INTERLOCK_ES_CACHE") or "~/.cache/interlock-cluster").expanduser()


def elasticsearch(version):
    """Directory of this version's distribution. Raises Unavailable when it cannot be fetched."""
    home = cache() / ("elasticsearch-" + version)
    if not (home / "bin").is_dir():
        _fetch(version, home)
    return home


def _fetch(version, home):
    if shutil.which("mvn") is None:
        raise Unavailable("Elasticsearch %s is not in %s and there is no mvn to fetch it: install Maven" % (version, home.parent))
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=".fetch-") as scratch:
        command = ["mvn", "-q", "-B", "dependency:unpack", "-Dartifact=" + ARTIFACT % version, "-DoutputDirectory=" + scratch]
        fetched = subprocess.run(command, cwd=scratch, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if fetched.returncode:
            raise Unavailable("mvn could not fetch Elasticsearch %s:\n%s" % (version, (fetched.stdout + fetched.stderr).strip()))
        try:
            (pathlib.Path(scratch) / home.name).rename(home)
        except OSError:
            # Somebody else was quicker
            if not (home / "bin").is_dir():
                raise


def java_home(version):
    """The oldest Java on this machine that runs this version of Elasticsearch. Raises Unavailable."""
    first, last = JAVA[int(version.split(".", maxsplit=1)[0])]
    found = sorted((_java_version(home), home) for home in _java_homes())
    for number, home in found:
        if first <= number <= last:
            return home
    raise Unavailable(
        "Elasticsearch %s runs on Java %d or newer, to %d; found on PATH, in JAVA_HOME and in /usr/lib/jvm: %s"
        % (version, first, last, ", ".join("Java %d in %s" % each for each in found) or "none"))


def _java_homes():
    candidates = list(pathlib.Path("/usr/lib/jvm").glob("*"))
    if os.environ.get("JAVA_HOME"):
        candidates.append(pathlib.Path(os.environ["JAVA_HOME"]))
    if shutil.which("java"):
        candidates.append(pathlib.Path(shutil.which("java")).resolve().parent.parent)
    return {home.resolve() for home in candidates if (home / "bin" / "java").exists() and (home / "release").exists()}


def _java_version(home):
    found = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', (home / "release").read_text(encoding="utf-8"), re.MULTILINE)
    return int(found.group(1)) if found else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--java", action="store_true", help="print the Java home for this version instead")
    parser.add_argument("version")
    arguments = parser.parse_args()
    try:
        print(java_home(arguments.version) if arguments.java else elasticsearch(arguments.version))
    except Unavailable as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
