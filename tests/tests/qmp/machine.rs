//! Clients of the schema that a machine was built from.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use qapi_runtime::{Any, ErrorClass};
use qapi_tests::qmp_server::QmpServer;

use crate::conversation::{Conversation, refusal, with_both_clients};
use crate::generated::qmp_7_2::{
    BlockdevOptions, BlockdevOptionsFile, BlockdevOptionsRaw, BlockdevRef, ImageInfo,
    IothreadProperties, MemoryBackendProperties, ObjectOptions, ObjectOptionsBranch,
    SchemaInfoBranch, YankInstance, YankInstanceBranch, commands, events,
};

/// A disk image without a format.
pub(crate) fn raw_image(folder: &Path, size: u64) -> String {
    let path = folder.join("disk.raw");
    let image = fs::File::create(&path).expect("the folder is writable");
    image.set_len(size).expect("the image can have that size");
    path.to_str().expect("the path is text").to_owned()
}

async fn ask_about_itself(client: &impl Conversation, _: &QmpServer) {
    let version = client.execute(&commands::QueryVersion).await.unwrap();
    assert_eq!((version.qemu.major, version.qemu.minor), (7, 2));

    let listed = client.execute(&commands::QueryCommands).await.unwrap();
    let listed: BTreeSet<_> = listed.into_iter().map(|it| it.name).collect();
    let known: BTreeSet<_> = commands::COMMANDS.iter().map(|it| it.name).collect();
    let unknown: Vec<_> = listed
        .iter()
        .filter(|it| !known.contains(it.as_str()))
        .collect();
    assert!(unknown.is_empty(), "the server has more: {unknown:?}");

    let schema = client.execute(&commands::QueryQmpSchema).await.unwrap();
    let mut described = BTreeSet::new();
    for entry in schema {
        match entry.meta_type {
            SchemaInfoBranch::Command(_) => {
                described.insert(entry.name);
            }
            SchemaInfoBranch::Unlisted { tag, .. } => panic!("a meta-type `{tag}`"),
            _ => {}
        }
    }
    // Old spellings are listed, but not described.
    let only_listed: Vec<_> = listed.difference(&described).collect();
    assert_eq!(described.difference(&listed).count(), 0);
    assert!(only_listed.is_empty(), "{only_listed:?}");
}

#[test]
fn a_machine_tells_about_itself() {
    with_both_clients!(QmpServer::machine, ask_about_itself);
}

async fn add_a_disk(client: &impl Conversation, server: &QmpServer) {
    const SIZE: u64 = 3 << 20;
    let path = raw_image(server.folder(), SIZE);
    let file = BlockdevOptions::file(BlockdevOptionsFile::new(&path));
    let file = file.with_node_name("file0").with_read_only(true);
    // A union as the branch of an alternate in the branch of a union.
    let raw = BlockdevOptionsRaw::new(BlockdevRef::Definition(Box::new(file)));
    let raw = raw.with_offset(1 << 20);
    let disk = BlockdevOptions::raw(raw);
    let disk = commands::BlockdevAdd(disk.with_node_name("disk0").with_read_only(true));
    client.execute(&disk).await.unwrap();

    let nodes = commands::QueryNamedBlockNodes::new().with_flat(true);
    let nodes = client.execute(&nodes).await.unwrap();
    let by_name = |name: &str| {
        let mut nodes = nodes.iter();
        let node = nodes.find(|node| node.node_name.as_deref() == Some(name));
        node.unwrap_or_else(|| panic!("no node {name}"))
    };
    let (disk0, file0) = (by_name("disk0"), by_name("file0"));
    assert_eq!((disk0.drv.as_str(), file0.drv.as_str()), ("raw", "file"));
    assert!(disk0.ro && file0.ro);
    let size = |image: &ImageInfo| u64::try_from(image.virtual_size).unwrap();
    assert_eq!(size(&disk0.image), SIZE - (1 << 20));
    assert_eq!((size(&file0.image), &file0.file), (SIZE, &path));

    let error = refusal(client.execute(&disk).await);
    assert_eq!(error.class, ErrorClass::GenericError);
    assert!(error.desc.contains("file0"), "{error}");
    let gone = commands::BlockdevDel::new("disk0");
    client.execute(&gone).await.unwrap();
    refusal(client.execute(&gone).await);
}

#[test]
fn a_disk_is_added_through_unions_and_alternates() {
    with_both_clients!(QmpServer::machine, add_a_disk);
}

async fn add_objects(client: &impl Conversation, _: &QmpServer) {
    let properties = IothreadProperties::new().with_poll_max_ns(12_345);
    let thread = ObjectOptions::new(ObjectOptionsBranch::Iothread(properties), "thread0");
    let add = commands::ObjectAdd(thread);
    client.execute(&add).await.unwrap();
    let threads = client.execute(&commands::QueryIothreads).await.unwrap();
    let thread = threads.iter().find(|it| it.id == "thread0").unwrap();
    assert_eq!(thread.poll_max_ns, 12_345);
    let error = refusal(client.execute(&add).await);
    assert!(error.desc.contains("thread0"), "{error}");

    // A number of bytes beyond what a double holds exactly comes back as it went.
    let size = (1 << 20) + 4096;
    let memory = ObjectOptionsBranch::MemoryBackendRam(MemoryBackendProperties::new(size));
    let memory = commands::ObjectAdd(ObjectOptions::new(memory, "memory0"));
    client.execute(&memory).await.unwrap();
    let get = commands::QomGet::new(commands::QomGetMandatory {
        path: "/objects/memory0".to_owned(),
        property: "size".to_owned(),
    });
    assert_eq!(client.execute(&get).await.unwrap(), Any::from(size));
    let error = refusal(client.execute(&commands::ObjectDel::new("nobody")).await);
    assert!(error.desc.contains("nobody"), "{error}");
    client
        .execute(&commands::ObjectDel::new("thread0"))
        .await
        .unwrap();
}

#[test]
fn objects_come_and_go() {
    with_both_clients!(QmpServer::machine, add_objects);
}

async fn wait_for_events(client: &impl Conversation, _: &QmpServer) {
    client.execute(&commands::Stop).await.unwrap();
    client.execute(&commands::Cont).await.unwrap();
    client.execute(&commands::SystemReset).await.unwrap();
    let mut seen = Vec::new();
    while seen.len() < 3 {
        let message = client.event().await;
        let (seconds, microseconds) = message.timestamp();
        assert!(seconds > 1_600_000_000 && (0..1_000_000).contains(&microseconds));
        seen.push(events::Event::decode(message.name(), message.members()).unwrap());
    }
    assert_eq!(seen[0], events::Event::Stop(events::Stop));
    assert_eq!(seen[1], events::Event::Resume(events::Resume));
    let events::Event::Reset(reset) = &seen[2] else {
        panic!("{seen:?}");
    };
    assert!(!reset.guest);
    assert_eq!(reset.reason.as_str(), "host-qmp-system-reset");
}

#[test]
fn events_arrive_typed() {
    with_both_clients!(QmpServer::machine, wait_for_events);
}

async fn call_what_is_not_there(client: &impl Conversation, _: &QmpServer) {
    // A command of another architecture.
    let error = refusal(client.execute(&commands::QueryGicCapabilities).await);
    assert_eq!(error.class, ErrorClass::CommandNotFound);
    assert!(error.desc.contains("query-gic-capabilities"), "{error}");
    // The connection is as good as before.
    client.execute(&commands::QueryVersion).await.unwrap();
}

#[test]
fn an_unknown_command_is_an_error_of_its_own_class() {
    with_both_clients!(QmpServer::machine, call_what_is_not_there);
}

async fn overtake(client: &impl Conversation, _: &QmpServer) {
    // The monitor's own connection can be yanked.
    let instances = client.out_of_band(&commands::QueryYank).await.unwrap();
    assert!(matches!(
        &instances[..],
        [YankInstance {
            type_: YankInstanceBranch::Chardev(_)
        }]
    ));
    // Without the permission of the schema it goes with the others.
    client.out_of_band(&commands::QueryVersion).await.unwrap();
    let error = refusal(client.out_of_band(&commands::MigratePause).await);
    assert!(error.desc.contains("migrate-pause"), "{error}");
}

#[test]
fn commands_are_executed_out_of_band() {
    with_both_clients!(QmpServer::machine, overtake);
}
