//! Processors and memory on the wire.

use qapi_runtime::Error;

use super::Reply;
use super::deferred::run_in_background;
use crate::agent::Agent;
use crate::commands::memory_blocks::{self, Change};
use crate::commands::vcpus;
use crate::guest_agent::{self as schema, commands};
use crate::platform::system::System;

pub(super) fn processors(agent: &Agent) -> Result<Vec<schema::GuestLogicalProcessor>, Error> {
    let describe = |processor: vcpus::Processor| schema::GuestLogicalProcessor {
        logical_id: processor.id,
        online: processor.online,
        can_offline: Some(processor.can_offline),
    };
    Ok(vcpus::processors(agent.system())?
        .into_iter()
        .map(describe)
        .collect())
}

pub(super) fn set_processors(
    agent: &Agent,
    arguments: commands::GuestSetVcpus,
) -> Result<Reply<i64>, Error> {
    run_in_background(agent, move |system| {
        let wanted = arguments
            .vcpus
            .into_iter()
            .map(|processor| (processor.logical_id, processor.online));
        vcpus::set_processors(system, wanted)
    })
}

pub(super) fn blocks(agent: &Agent) -> Result<Vec<schema::GuestMemoryBlock>, Error> {
    let describe = |block: memory_blocks::Block| schema::GuestMemoryBlock {
        phys_index: block.index,
        online: block.online,
        can_offline: Some(block.can_offline),
    };
    Ok(memory_blocks::blocks(agent.system())?
        .into_iter()
        .map(describe)
        .collect())
}

pub(super) fn set_blocks(
    agent: &Agent,
    arguments: commands::GuestSetMemoryBlocks,
) -> Result<Reply<Vec<schema::GuestMemoryBlockResponse>>, Error> {
    use schema::GuestMemoryBlockResponseType as Response;
    let set = |system: &System, block: &schema::GuestMemoryBlock| {
        let change = memory_blocks::set_block(system, block.phys_index, block.online);
        let (response, errno) = match change {
            Change::Success => (Response::Success, None),
            Change::NotFound(errno) => (Response::NotFound, Some(errno)),
            Change::NotSupported(errno) => (Response::OperationNotSupported, Some(errno)),
            Change::Failed(errno) => (Response::OperationFailed, Some(errno)),
        };
        schema::GuestMemoryBlockResponse {
            phys_index: block.phys_index,
            response,
            error_code: errno.map(|errno| i64::from(errno as i32)),
        }
    };
    run_in_background(agent, move |system| {
        let blocks = arguments.mem_blks.iter();
        Ok(blocks.map(|block| set(system, block)).collect::<Vec<_>>())
    })
}

pub(super) fn block_info(agent: &Agent) -> Result<schema::GuestMemoryBlockInfo, Error> {
    Ok(schema::GuestMemoryBlockInfo::new(
        memory_blocks::block_size(agent.system())?,
    ))
}
