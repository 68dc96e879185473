//! A schema newer than the server, and one older.

use qapi_runtime::{
    Any, ClientErrorKind, Command, EncodeMembers, ErrorClass, Object, ObjectWriter,
};
use qapi_tests::qmp_server::QmpServer;

use crate::conversation::{Conversation, refusal, with_both_clients};
use crate::generated::{old_machine, qmp_7_2, qmp_10_2};
use crate::machine::raw_image;

async fn talk_with_a_newer_schema(client: &impl Conversation, server: &QmpServer) {
    use qmp_10_2::{
        BlockdevOptions, BlockdevOptionsFile, BlockdevOptionsRaw, BlockdevRef, commands, events,
    };
    let version = client.execute(&commands::QueryVersion).await.unwrap();
    assert_eq!((version.qemu.major, version.qemu.minor), (7, 2));
    let schema = client.execute(&commands::QueryQmpSchema).await.unwrap();
    assert!(schema.len() > 1000);

    // What both know works as ever.
    let file = BlockdevOptionsFile::new(raw_image(server.folder(), 1 << 20));
    let file = BlockdevOptions::file(file).with_node_name("file0");
    client.execute(&commands::BlockdevAdd(file)).await.unwrap();

    // A member that the server does not know is refused by name.
    let raw = BlockdevOptionsRaw::new(BlockdevRef::Reference("file0".to_owned()));
    let raw = BlockdevOptions::raw(raw);
    let raw = raw.with_node_name("disk0").with_active(true);
    let error = refusal(client.execute(&commands::BlockdevAdd(raw)).await);
    assert_eq!(error.desc, "Parameter 'active' is unexpected");

    // So is a command.
    let error = refusal(client.execute(&commands::QueryFirmwareLog::new()).await);
    assert_eq!(error.class, ErrorClass::CommandNotFound);

    // A mandatory member that the server does not send is a finding with its whole path.
    let nodes = commands::QueryNamedBlockNodes::new();
    let error = client.execute(&nodes).await.unwrap_err();
    assert!(
        matches!(error.kind(), ClientErrorKind::Decode(_)),
        "{error:?}"
    );
    let text = error.to_string();
    assert!(text.contains("`query-named-block-nodes`"), "{text}");
    assert!(text.contains("[0].children"), "{text}");

    client.execute(&commands::Stop).await.unwrap();
    let event = client.event().await;
    let event = events::Event::decode(event.name(), event.members()).unwrap();
    assert_eq!(event, events::Event::Stop(events::Stop));
}

#[test]
fn a_newer_schema_talks_to_an_older_server() {
    with_both_clients!(QmpServer::machine, talk_with_a_newer_schema);
}

async fn talk_with_an_older_schema(client: &impl Conversation, server: &QmpServer) {
    use old_machine::{AddFile, AddOptions, InfoBranch, ZeroWrites, commands, events};
    let version = client.execute(&commands::QueryVersion).await.unwrap();
    assert_eq!((version.qemu.major, version.qemu.minor), (7, 2));

    let file = AddFile::new(raw_image(server.folder(), 1 << 20));
    let file = AddOptions::file(file).with_node_name("file0");
    client.execute(&commands::BlockdevAdd(file)).await.unwrap();
    // Most members of the reply are news, and so is a value.
    let nodes = client
        .execute(&commands::QueryNamedBlockNodes)
        .await
        .unwrap();
    assert_eq!(nodes.len(), 1);
    assert_eq!((nodes[0].drv.as_str(), nodes[0].ro), ("file", false));
    assert_eq!(nodes[0].node_name.as_deref(), Some("file0"));
    assert_eq!(nodes[0].detect_zeroes, ZeroWrites::Unlisted("off".into()));

    // Unions with branches that the client does not know are kept whole.
    let schema = client.execute(&commands::QueryQmpSchema).await.unwrap();
    let count = |is: fn(&InfoBranch) -> bool| schema.iter().filter(|it| is(&it.meta_type)).count();
    assert!(count(|it| matches!(it, InfoBranch::Command(_))) > 150);
    let mut unlisted = Vec::new();
    for entry in &schema {
        if let InfoBranch::Unlisted { tag, rest } = &entry.meta_type {
            assert!(!rest.is_empty(), "{}", entry.name);
            unlisted.push(&**tag);
        }
    }
    unlisted.sort_unstable();
    unlisted.dedup();
    assert_eq!(
        unlisted,
        ["alternate", "builtin", "enum", "event", "object"]
    );

    client.execute(&commands::Stop).await.unwrap();
    client.execute(&commands::Cont).await.unwrap();
    let (stop, resume) = (client.event().await, client.event().await);
    let stop = events::Event::decode(stop.name(), stop.members()).unwrap();
    assert_eq!(stop, events::Event::Stop(events::Stop));
    let resume = events::Event::decode(resume.name(), resume.members()).unwrap();
    assert_eq!(resume.name(), "RESUME");
    assert!(matches!(resume, events::Event::Unlisted { .. }));
}

#[test]
fn an_older_schema_talks_to_a_newer_server() {
    with_both_clients!(QmpServer::machine, talk_with_an_older_schema);
}

async fn send_what_an_older_schema_lacks(client: &impl Conversation, server: &QmpServer) {
    use old_machine::{AddFile, AddOptions, commands};
    let file = AddFile::new(raw_image(server.folder(), 1 << 20));
    let file = commands::BlockdevAdd(AddOptions::file(file).with_node_name("file0"));
    let error = refusal(client.execute(&file.clone().with_extra("nope", 1)).await);
    assert_eq!(error.desc, "Parameter 'nope' is unexpected");
    let twice = file.clone().with_extra("node-name", "file1");
    let text = client.execute(&twice).await.unwrap_err().to_string();
    assert!(text.contains("called `node-name`"), "{text}");
    let file = file.with_extra("read-only", true);
    let file = file.with_extra("cache", Object::new().with("direct", false));
    client.execute(&file).await.unwrap();
    let nodes = client.execute(&commands::QueryNamedBlockNodes).await;
    assert!(nodes.unwrap()[0].ro);
}

#[test]
fn arguments_that_the_schema_lacks_are_sent() {
    with_both_clients!(QmpServer::machine, send_what_an_older_schema_lacks);
}

/// `query-named-block-nodes` as no schema has it.
struct Nodes;

impl EncodeMembers for Nodes {
    fn encode_members(&self, _: &mut ObjectWriter<'_>) {}
}

impl Command for Nodes {
    const NAME: &'static str = "query-named-block-nodes";
    type Reply = Vec<Any>;
}

async fn send_what_came_with_the_newer_server(client: &impl Conversation, server: &QmpServer) {
    use qmp_7_2::{BlockdevOptions, BlockdevOptionsFile, commands};
    // QEMU has had this since 10.0.
    let file = BlockdevOptionsFile::new(raw_image(server.folder(), 1 << 20));
    let file = BlockdevOptions::file(file).with_node_name("file0");
    let add = commands::BlockdevAdd(file).with_extra("active", false);
    client.execute(&add).await.unwrap();
    let nodes = client.execute(&Nodes).await.unwrap();
    assert_eq!(nodes[0].get("active"), Some(&Any::Bool(false)));
}

#[test]
fn arguments_of_a_newer_server_are_sent_by_a_client_of_an_older_schema() {
    with_both_clients!(
        QmpServer::newer_machine,
        send_what_came_with_the_newer_server
    );
}
