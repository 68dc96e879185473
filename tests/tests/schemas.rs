//! Our guest agent schemas of old revisions say the same as the originals, in our own words.

use qapi_parser::ir::Schema;
use qapi_tests::corpus;
use qapi_tests::definitions::{Conditions, describe, is_written, load};

fn description(schema: &Schema) -> Vec<String> {
    schema
        .entities
        .iter()
        .map(|entity| describe(schema, *entity, Conditions::Kept))
        .collect()
}

#[test]
fn each_revision_equals_the_original_entity_by_entity() {
    let Some(corpus) = corpus::root() else { return };
    for revision in corpus::GUEST_AGENT_REVISIONS {
        let ours = description(&load(&corpus::guest_agent(revision)));
        let original = description(&load(&corpus.join(format!("seeds/qga-{revision}.json"))));
        for (ours, original) in ours.iter().zip(&original) {
            assert_eq!(ours, original, "revision {revision}");
        }
        assert_eq!(ours.len(), original.len(), "revision {revision}");
    }
}

#[test]
fn every_definition_and_member_of_ours_is_documented() {
    for revision in corpus::GUEST_AGENT_REVISIONS {
        let schema = load(&corpus::guest_agent(revision));
        let blocks = schema.docs.iter().filter(|doc| doc.symbol.is_some());
        let mut count = 0;
        for doc in blocks {
            count += 1;
            let texts = doc
                .members
                .iter()
                .map(|member| (&member.name, &member.text));
            for (name, text) in
                texts.chain(doc.symbol.as_ref().map(|symbol| (symbol, &doc.body.text)))
            {
                assert!(
                    !text.is_empty(),
                    "revision {revision}: {name} of {:?}",
                    doc.symbol
                );
            }
        }
        let definitions = schema.entities.iter();
        let definitions = definitions.filter(|entity| is_written(&schema, **entity));
        assert_eq!(count, definitions.count(), "revision {revision}");
    }
}
