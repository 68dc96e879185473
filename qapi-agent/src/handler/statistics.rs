//! Counters of the kernel on the wire.

use qapi_runtime::Error;

use crate::agent::Agent;
use crate::commands::cpu_stats::{self, Times};
use crate::commands::disk_stats::{self, Counter, DiskStats};
use crate::commands::load;
use crate::guest_agent as schema;

pub(super) fn load() -> Result<schema::GuestLoadAverage, Error> {
    let [load1m, load5m, load15m] = load::load()?;
    Ok(schema::GuestLoadAverage {
        load1m,
        load5m,
        load15m,
    })
}

pub(super) fn processors(agent: &Agent) -> Result<Vec<schema::GuestCpuStats>, Error> {
    let times = cpu_stats::processor_times(agent.system().root())?;
    let reply = |times: Times| {
        let always = |index| times.part(index).unwrap_or(0);
        let stats = schema::GuestLinuxCpuStats {
            cpu: times.processor,
            user: always(0),
            nice: always(1),
            system: always(2),
            idle: always(3),
            iowait: times.part(4),
            irq: times.part(5),
            softirq: times.part(6),
            steal: times.part(7),
            guest: times.part(8),
            guestnice: times.part(9),
        };
        schema::GuestCpuStats::new(schema::GuestCpuStatsBranch::Linux(stats))
    };
    Ok(times.into_iter().map(reply).collect())
}

pub(super) fn disks(agent: &Agent) -> Result<Vec<schema::GuestDiskStatsInfo>, Error> {
    let stats = disk_stats::disk_stats(agent.system().root())?;
    Ok(stats.iter().map(disk).collect())
}

fn disk(stats: &DiskStats) -> schema::GuestDiskStatsInfo {
    let counter = |which| stats.counter(which);
    let counters = schema::GuestDiskStats {
        read_sectors: counter(Counter::ReadSectors),
        read_ios: counter(Counter::ReadIos),
        read_merges: counter(Counter::ReadMerges),
        write_sectors: counter(Counter::WriteSectors),
        write_ios: counter(Counter::WriteIos),
        write_merges: counter(Counter::WriteMerges),
        discard_sectors: counter(Counter::DiscardSectors),
        discard_ios: counter(Counter::DiscardIos),
        discard_merges: counter(Counter::DiscardMerges),
        flush_ios: counter(Counter::FlushIos),
        read_ticks: counter(Counter::ReadTicks),
        write_ticks: counter(Counter::WriteTicks),
        discard_ticks: counter(Counter::DiscardTicks),
        flush_ticks: counter(Counter::FlushTicks),
        ios_pgr: counter(Counter::InProgress),
        total_ticks: counter(Counter::TotalTicks),
        weight_ticks: counter(Counter::WeightTicks),
    };
    schema::GuestDiskStatsInfo {
        name: stats.name.clone(),
        major: stats.major,
        minor: stats.minor,
        stats: counters,
    }
}
