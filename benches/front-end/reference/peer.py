"""QEMU's own schema compiler, asked in this process."""

import re
import sys
from pathlib import Path


class Peer:
    """What QEMU's compiler finds out about a schema, in the shapes of `qapi`."""

    CRASH = "crash"

    def __init__(self, scripts):
        sys.path.insert(0, scripts)
        from qapi import error, introspect, schema  # pylint: disable=import-outside-toplevel

        self.error, self.introspect, self.schema = error, introspect, schema

    def verdict(self, file):
        """None if the schema is accepted, else the place of the error."""
        try:
            self.schema.QAPISchema(file)
        except self.error.QAPIError as error:
            info = getattr(error, "info", None)
            named = info is not None and info.defn_name
            return {
                "file": info.fname if info else file,
                "line": info.line if info else None,
                "column": getattr(error, "col", None),
                "entity": [info.defn_meta, info.defn_name] if named else None,
                "message": str(getattr(error, "msg", error)).split("\n", maxsplit=1)[0],
            }
        except Exception:  # pylint: disable=broad-except
            # It has inputs that it does not survive (docs/reference/language.md, appendix B).
            return self.CRASH
        return None

    @staticmethod
    def symbols(file):
        """All names in a schema that may be used in conditions."""
        return sorted(set(re.findall(r"'([A-Z][A-Z0-9_]*)'", Path(file).read_text(encoding="utf-8"))))

    def introspection(self, file, symbols):
        """What a server returns that was built with `symbols` defined."""
        visitor = self.introspect.QAPISchemaGenIntrospectVisitor("", False)
        trees = []

        def visit_end():
            # The list grows while types are visited.
            for used in visitor._used_types:  # pylint: disable=protected-access
                used.visit(visitor)
            trees.extend(visitor._trees)  # pylint: disable=protected-access

        visitor.visit_end = visit_end
        self.schema.QAPISchema(file).visit(visitor)
        return self._evaluate(trees, symbols)

    def _evaluate(self, tree, symbols):
        if isinstance(tree, self.introspect.Annotated):
            return self._evaluate(tree.value, symbols)
        if isinstance(tree, list):
            return [self._evaluate(one, symbols) for one in tree if self._exists(one, symbols)]
        if isinstance(tree, dict):
            return {key: self._evaluate(value, symbols) for key, value in tree.items()}
        return tree

    def _exists(self, tree, symbols):
        if not isinstance(tree, self.introspect.Annotated):
            return True
        return not tree.ifcond.is_present() or holds(tree.ifcond.ifcond, symbols)

    def entities(self, file):
        """All entities by module, as tuples."""
        listing = Listing()
        schema = self.schema.QAPISchema(file)

        class Visitor(self.schema.QAPISchemaVisitor):
            """Calls the listing with what it is called with."""

        for name in vars(Listing):
            if name.startswith("visit_"):
                setattr(Visitor, name, lambda _, *given, name=name: getattr(listing, name)(*given))
        schema.visit(Visitor())
        return listing.rows

    @staticmethod
    def entities_of_dump(dump):
        """The same from the JSON of `qapi dump`."""
        return [row for module in dump["modules"] for row in rows_of_module(module)]


def holds(condition, symbols):
    """Whether a condition is met."""
    if isinstance(condition, str):
        return condition in symbols
    ((operator, operands),) = condition.items()
    if operator == "not":
        return not holds(operands, symbols)
    return (all if operator == "all" else any)(holds(one, symbols) for one in operands)


def condition_of(condition):
    return condition.ifcond if condition.is_present() else None


def features_of(features):
    return [(feature.name, condition_of(feature.ifcond)) for feature in features]


def variants_of(variants):
    return [(one.name, one.type.name, condition_of(one.ifcond)) for one in variants]


def name_of(entity):
    return entity.name if entity else None


class Listing:
    """Rows for what QEMU's visitor comes by."""

    def __init__(self):
        self.rows = []

    def visit_module(self, name):
        self.rows.append(("module", name))

    def visit_include(self, name, _info):
        self.rows.append(("include", name))

    def visit_enum_type(self, name, _info, ifcond, features, members, prefix):
        values = [(one.name, condition_of(one.ifcond), features_of(one.features)) for one in members]
        self.rows.append(("enum", name, prefix, values, condition_of(ifcond), features_of(features)))

    def visit_array_type(self, name, info, ifcond, element):
        if info is not None:
            self.rows.append(("array", name, element.name, condition_of(ifcond)))

    def visit_object_type(self, name, _info, ifcond, features, base, members, branches):
        own = [
            (one.name, one.type.name, one.optional, condition_of(one.ifcond), features_of(one.features))
            for one in members
        ]
        union = branches and (branches.tag_member.name, variants_of(branches.variants))
        self.rows.append(
            ("object", name, name_of(base), own, union, condition_of(ifcond), features_of(features))
        )

    def visit_alternate_type(self, name, _info, ifcond, features, alternatives):
        rows = variants_of(alternatives.variants)
        self.rows.append(("alternate", name, rows, condition_of(ifcond), features_of(features)))

    def visit_command(self, name, _info, ifcond, features, arguments, returns, *flags):
        self.rows.append(
            ("command", name, name_of(arguments), name_of(returns), flags)
            + (condition_of(ifcond), features_of(features))
        )

    def visit_event(self, name, _info, ifcond, features, arguments, boxed):
        self.rows.append(
            ("event", name, name_of(arguments), boxed, condition_of(ifcond), features_of(features))
        )


def dumped_features(entity):
    return [(feature["name"], feature["if"]) for feature in entity["features"]]


def dumped_variants(variants):
    return [(one["name"], one["type"], one["if"]) for one in variants]


def rows_of_module(module):
    """The rows of one module of `qapi dump`."""
    yield ("module", module["name"])
    for entity in module["entities"]:
        kind, name = entity["kind"], entity.get("name")
        if kind == "include":
            yield ("include", entity.get("module", name))
        elif kind == "array":
            if entity["source"] is not None:
                yield ("array", name, entity["element"], entity["if"])
        elif kind != "builtin":
            yield (*row_of(kind, name, entity), entity["if"], dumped_features(entity))


FLAGS = ("gen", "success_response", "boxed", "allow_oob", "allow_preconfig", "coroutine")


def row_of(kind, name, entity):
    """A definition without its condition and features."""
    if kind == "enum":
        values = [(one["name"], one["if"], dumped_features(one)) for one in entity["values"]]
        return ("enum", name, entity["prefix"], values)
    if kind == "alternate":
        return ("alternate", name, dumped_variants(entity["alternatives"]))
    if kind == "command":
        flags = tuple(entity[flag] for flag in FLAGS)
        return ("command", name, entity["arguments"], entity["returns"], flags)
    if kind == "event":
        return ("event", name, entity["arguments"], entity["boxed"])
    own = [
        (one["name"], one["type"], one["optional"], one["if"], dumped_features(one))
        for one in entity["members"]
    ]
    union = (entity["tag"], dumped_variants(entity["branches"])) if kind == "union" else None
    return ("object", name, entity["base"], own, union)
