"""Derives structures.tsv, segments.tsv and types.tsv from hl7apy and hl7-dictionary, both under the MIT licence.

    pip install hl7apy==1.3.5
    npm pack hl7-dictionary@1.0.1 && tar xzf hl7-dictionary-1.0.1.tgz
    node -e 'process.stdout.write(JSON.stringify(require("./package/lib").definitions))' > lengths.json
    python3 derive.py lengths.json

hl7apy gives order, cardinality, types and table numbers; hl7-dictionary gives the lengths, which hl7apy lacks, and a
second word on what is required and what repeats. No names, descriptions or table contents are taken. The crate builds without this script.
"""
import importlib
import json
import re
import sys

VERSIONS = ["2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.8"]
# Where groups have names of their own; older versions get the names of the same groups here.
NAMED = ["2.6", "2.5.1", "2.5", "2.7", "2.8"]
# Structures that were called otherwise before 2.4.
LATER = {"RDE_O01": "RDE_O11", "RAS_O01": "RAS_O17", "RDS_O01": "RDS_O13", "RGV_O01": "RGV_O15", "RRA_O02": "RRA_O18",
         "RRD_O02": "RRD_O14", "RRE_O02": "RRE_O12", "RRG_O02": "RRG_O16"}
# Names that are misspelt or were made up for lack of one.
PUT_RIGHT = {"TIIMING": "TIMING", "PV1PV2_SUPPGRP": "VISIT", "SPMSAC_SUPPGRP2": "SPECIMEN"}
# Invoicing and collaborative care are large and beyond what is judged here; all of SIU has one structure.
LEFT_OUT = re.compile("^((EHC|CC[A-Z]|CQU)_|SIU_S(1[3-9]|2))")


def module(version, name):
    return importlib.import_module("hl7apy.v" + version.replace(".", "_") + "." + name)


def members(entry):
    return entry[1] if len(entry) > 1 and isinstance(entry[1], (tuple, list)) else ()


def tree(entry):
    """A list of (kind, name, low, high, children)."""
    found = []
    for name, inner, (low, high), kind in members(entry):
        if name == "MSH" and found:
            # The answer to this message, taken for a part of it.
            break
        if kind == "GRP":
            children = tree(inner)
            if len(children) == 1 and name.endswith("OBR_SUPPGRP"):
                found += children
                continue
            if not children:
                continue
            # Some sequences are marked as choices; a real choice has single members.
            is_choice = inner[0] == "choice" and all(child[2:4] == (1, 1) for child in children)
            name = re.sub("^[A-Z]{3}_[A-Za-z0-9]{3}_", "", name)
            name = PUT_RIGHT.get(name, name)
            found.append(("choice" if is_choice and len(children) > 1 else "group", name, low, high, children))
        elif name == "ANYHL7SEGMENT":
            found.append(("any", "ANY", low, high, []))
        else:
            found.append(("segment", name, low, high, []))
    return found


def first(node):
    while node[4]:
        node = node[4][0]
    return node[1]


def rename(nodes, named):
    """Gives groups the names that the same groups have in another version."""
    groups = [node for node in named if node[0] == "group"]
    renamed = []
    for kind, name, low, high, children in nodes:
        if kind != "segment":
            same = next((at for at, group in enumerate(groups)
                         if first(group) == first((kind, name, low, high, children))), None)
            if same is not None:
                other = groups[same]
                groups = groups[same + 1:]
                children = rename(children, other[4])
                if kind == "group":
                    name = other[1]
            else:
                children = rename(children, [])
        renamed.append((kind, name, low, high, children))
    return renamed


def notation(nodes):
    parts = []
    for kind, name, low, high, children in nodes:
        mark = {(1, 1): "", (0, 1): "?", (1, -1): "+", (0, -1): "*"}[(low, high)]
        if kind == "group":
            parts.append(f"{name}{mark}({notation(children)})")
        elif kind == "choice":
            inner = "|".join(notation([child]) for child in children)
            parts.append(f"<{inner}>{mark}")
        else:
            parts.append(name + mark)
    return " ".join(parts)


def element(datatype, low, high, table, other):
    """One field or component. What only one of the sources demands is not demanded: it is conditional."""
    text = "ANY" if datatype in (None, "varies") else datatype
    if high == 0 or datatype == "WD":
        return "-"
    text += "!" if low and other.get("opt") == 2 else ""
    # A few of the second source's counts are its table numbers.
    most = other.get("rep", 1) if other.get("rep", 1) <= 20 else 1
    if high != 1 or most != 1:
        text += "*" if high < 0 or most == 0 else f"*{max(high, most)}"
    number = int(re.sub("^HL7", "", table)) if table else 9999
    # The codes of table 0125 outgrew the length of the field that holds them.
    text += f":{other['len']}" if other.get("len") and number != 125 else ""
    # 9999 says that there is no table.
    return text + (f"#{number}" if number != 9999 else "")


def other_of(known, number):
    return known[number - 1] if known and number <= len(known) else {}


def segments(version, lengths):
    for name, entry in module(version, "segments").SEGMENTS.items():
        if len(name) != 3 or name.startswith("Z") or name == "HXX" or not members(entry):
            continue
        known = lengths["segments"].get(name, {}).get("fields")
        fields = []
        for field, inner, (low, high), _ in entry[1]:
            number = int(field.split("_")[1])
            fields += ["-"] * (number - 1 - len(fields))
            table = inner[4] if len(inner) > 4 else None
            fields.append(element(inner[2], low, high, table, other_of(known, number)))
        yield name, " ".join(fields)


def types(version, lengths):
    for name, parts in module(version, "datatypes").DATATYPES_STRUCTS.items():
        known = lengths["fields"].get(name, {}).get("subfields")
        components = []
        for component, inner, (low, high), _ in parts or ():
            number = int(component.rsplit("_", 1)[1])
            components += ["-"] * (number - 1 - len(components))
            other = {key: value for key, value in other_of(known, number).items() if key != "rep"}
            components.append(element(inner[2], low, high, inner[4], other))
        if components:
            yield name, " ".join(components)


def structures(version):
    trees = {}
    for known in VERSIONS:
        trees[known] = {name: tree(entry) for name, entry in module(known, "messages").MESSAGES.items()}
    for name, nodes in trees[version].items():
        if LEFT_OUT.match(name) or not nodes:
            continue
        if version < "2.6":
            for source in NAMED:
                found = trees[source].get(name) or trees[source].get(LATER.get(name, ""))
                if found and source != version:
                    nodes = rename(nodes, found)
                    break
        yield name, notation(nodes)


def write(path, rows_of):
    found = {}
    for version in VERSIONS:
        for name, text in rows_of(version):
            found.setdefault(name, []).append((version, text))
    with open(path, "w", encoding="ascii", newline="\n") as out:
        for name in sorted(found):
            runs = []
            for version, text in found[name]:
                at = VERSIONS.index(version)
                if runs and runs[-1][2] == text and runs[-1][1] == at - 1:
                    runs[-1][1] = at
                else:
                    runs.append([at, at, text])
            for start, end, text in runs:
                span = VERSIONS[start] if start == end else f"{VERSIONS[start]}-{VERSIONS[end]}"
                out.write(f"{name}\t{span}\t{text}\n")


def main():
    with open(sys.argv[1], encoding="utf-8") as text:
        lengths = json.load(text)
    # 2.8 is not in the second source; what 2.7.1 leaves optional stays so, and lengths are not carried over.
    later = json.loads(json.dumps(lengths["2.7.1"]), object_hook=lambda found: {
        key: value for key, value in found.items() if key not in ("len", "rep")})
    of = lambda version: later if version == "2.8" else lengths[version]
    write("structures.tsv", structures)
    write("segments.tsv", lambda version: segments(version, of(version)))
    write("types.tsv", lambda version: types(version, of(version)))


main()
