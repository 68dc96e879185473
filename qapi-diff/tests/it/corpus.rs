//! The comparison on real schemas, read in place.

use std::path::{Path, PathBuf};

use qapi_diff::{ChangeKind, Lens, Level, Matrix, Model, Symbols, Witnesses, compare};
use qapi_parser::ir::Schema;
use qapi_parser::source::Disk;

use crate::common::{findings, lines, load};

/// The schemas of QEMU's machine protocol, or none where the corpus is absent.
pub(crate) fn machine_protocol() -> Option<Vec<Schema>> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus/qemu");
    if !corpus.is_dir() {
        qapi_test_support::skip("no corpus");
        return None;
    }
    let path = |release: &str| -> PathBuf { corpus.join(release).join("qapi/qapi-schema.json") };
    let releases = ["7.2", "10.0", "10.2"];
    Some(releases.map(|it| load(&path(it), &Disk)).into())
}

#[test]
fn nothing_differs_from_itself() {
    for schema in machine_protocol().into_iter().flatten() {
        let found = findings(&schema, &schema);
        assert!(found.is_empty(), "{}", lines(&found));
    }
}

#[test]
fn every_breaking_finding_between_releases_has_a_witness() {
    let Some(schemas) = machine_protocol() else {
        return;
    };
    let symbols = Symbols::default();
    let models: Vec<_> = schemas
        .iter()
        .map(|schema| Model::of_schema(schema, &symbols))
        .collect();
    let mut proved = 0;
    for (old, new) in [(0, 1), (1, 2), (0, 2), (2, 0)] {
        let witnesses = Witnesses::new(&models[old], &models[new]);
        for finding in findings(&schemas[old], &schemas[new]) {
            let exempt = matches!(finding.change.kind, ChangeKind::FeatureRemoved(_));
            if finding.rule.lens != Lens::Wire || finding.level < Level::Breaking || exempt {
                continue;
            }
            assert!(
                witnesses.find(&finding.change).is_some(),
                "no witness: {} {}",
                finding.change.path,
                finding.rule.id
            );
            proved += 1;
        }
    }
    assert!(proved > 100, "{proved}");
}

#[test]
fn as_much_comes_one_way_as_goes_the_other() {
    let Some(schemas) = machine_protocol() else {
        return;
    };
    let symbols = Symbols::default();
    let old = Model::of_schema(&schemas[0], &symbols);
    let new = Model::of_schema(&schemas[2], &symbols);
    let count = |changes: &[qapi_diff::Change], fits: fn(&ChangeKind) -> bool| {
        changes.iter().filter(|change| fits(&change.kind)).count()
    };
    let there = compare(&old, &new).changes;
    let back = compare(&new, &old).changes;
    let added = |kind: &ChangeKind| matches!(kind, ChangeKind::MemberAdded { .. });
    let removed = |kind: &ChangeKind| matches!(kind, ChangeKind::MemberRemoved { .. });
    assert_eq!(there.len(), back.len());
    assert_eq!(count(&there, added), count(&back, removed));
    assert_eq!(count(&there, removed), count(&back, added));
    assert!(count(&there, added) > 50);
}

#[test]
fn the_matrix_has_what_the_releases_have() {
    let Some(schemas) = machine_protocol() else {
        return;
    };
    let symbols = Symbols::default();
    let models: Vec<_> = schemas
        .iter()
        .map(|schema| Model::of_schema(schema, &symbols))
        .collect();
    let matrix = Matrix::new(&models);
    for (revision, schema) in schemas.iter().enumerate() {
        let rows = matrix.rows.iter();
        let roots = rows.filter(|row| row.parent.is_none() && row.is_in(revision));
        assert_eq!(roots.count(), schema.commands.len() + schema.events.len());
    }
    for row in &matrix.rows {
        let Some(parent) = row.parent.map(|parent| &matrix.rows[parent]) else {
            continue;
        };
        for revision in 0..schemas.len() {
            assert!(
                parent.is_in(revision) || !row.is_in(revision),
                "{} without {}",
                row.path,
                parent.path
            );
        }
    }
}
