//! Clients of the schema that the storage daemon was built from.

use std::collections::BTreeSet;
use std::fs;

use qapi_runtime::ErrorClass;
use qapi_tests::qmp_server::QmpServer;

use crate::conversation::{Conversation, refusal, with_both_clients};
use crate::generated::storage_daemon_7_2::{
    BlockdevCreateOptions, BlockdevCreateOptionsBranch, BlockdevCreateOptionsFile, BlockdevOptions,
    BlockdevOptionsBranch, BlockdevOptionsFile, BlockdevOptionsRaw, BlockdevRef,
    IothreadProperties, JobStatus, ObjectOptions, ObjectOptionsBranch, commands, events,
};
use crate::machine::raw_image;

async fn serve_a_disk(client: &impl Conversation, server: &QmpServer) {
    let version = client.execute(&commands::QueryVersion).await.unwrap();
    assert_eq!((version.qemu.major, version.qemu.minor), (7, 2));
    let listed = client.execute(&commands::QueryCommands).await.unwrap();
    let listed: BTreeSet<_> = listed.into_iter().map(|it| it.name).collect();
    let known: BTreeSet<_> = commands::COMMANDS
        .iter()
        .map(|it| it.name.to_owned())
        .collect();
    assert_eq!(listed.difference(&known).next(), None);
    let schema = client.execute(&commands::QueryQmpSchema).await.unwrap();
    assert!(schema.len() > 400, "{} entries", schema.len());

    let path = raw_image(server.folder(), 1 << 20);
    let file = BlockdevOptionsBranch::File(BlockdevOptionsFile::new(&path));
    let file = BlockdevOptions::new(file).with_node_name("file0");
    client.execute(&commands::BlockdevAdd(file)).await.unwrap();
    // The other alternative: a reference instead of a definition.
    let raw = BlockdevOptionsRaw::new(BlockdevRef::Reference("file0".to_owned()));
    let raw = BlockdevOptionsBranch::Raw(Box::new(raw.with_size(4096)));
    let raw = BlockdevOptions::new(raw).with_node_name("disk0");
    client.execute(&commands::BlockdevAdd(raw)).await.unwrap();
    let nodes = client
        .execute(&commands::QueryNamedBlockNodes::new())
        .await
        .unwrap();
    let drivers: BTreeSet<_> = nodes.iter().map(|node| node.drv.as_str()).collect();
    assert_eq!(drivers, BTreeSet::from(["file", "raw"]));

    let thread = ObjectOptionsBranch::Iothread(IothreadProperties::new());
    let thread = commands::ObjectAdd(ObjectOptions::new(thread, "thread0"));
    client.execute(&thread).await.unwrap();
    refusal(client.execute(&thread).await);
}

#[test]
fn a_storage_daemon_serves_a_disk() {
    with_both_clients!(QmpServer::storage_daemon, serve_a_disk);
}

async fn follow_a_job(client: &impl Conversation, server: &QmpServer) {
    let path = server.folder().join("new.raw");
    let path = path.to_str().unwrap();
    let create = BlockdevCreateOptionsFile::new(path, 2 << 20);
    let create = BlockdevCreateOptions::new(BlockdevCreateOptionsBranch::File(create));
    let create = commands::BlockdevCreate::new("job0", create);
    client.execute(&create).await.unwrap();
    let mut stages = Vec::new();
    while stages.last() != Some(&JobStatus::Concluded) {
        let event = client.event().await;
        match events::Event::decode(event.name(), event.members()).unwrap() {
            events::Event::JobStatusChange(change) => {
                assert_eq!(change.id, "job0");
                stages.push(change.status);
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(stages[..2], [JobStatus::Created, JobStatus::Running]);
    assert_eq!(fs::metadata(path).unwrap().len(), 2 << 20);
    let jobs = client.execute(&commands::QueryJobs).await.unwrap();
    assert_eq!((jobs.len(), &jobs[0].error), (1, &None));
    client
        .execute(&commands::JobDismiss::new("job0"))
        .await
        .unwrap();
}

#[test]
fn a_job_is_followed_by_its_events() {
    with_both_clients!(QmpServer::storage_daemon, follow_a_job);
}

async fn call_what_is_not_there(client: &impl Conversation, _: &QmpServer) {
    use crate::generated::qmp_7_2::commands;
    // A daemon is not a machine.
    let error = refusal(client.execute(&commands::SystemPowerdown).await);
    assert_eq!(error.class, ErrorClass::CommandNotFound);
    client.execute(&commands::QueryVersion).await.unwrap();
}

#[test]
fn commands_of_a_machine_are_unknown_to_a_storage_daemon() {
    with_both_clients!(QmpServer::storage_daemon, call_what_is_not_there);
}
