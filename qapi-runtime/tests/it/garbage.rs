//! Any bytes at all: no panic, and a reset always works.

use qapi_runtime::Session;
use qapi_runtime::wire::Limits;
use qapi_test_support::Random;

use crate::dispatcher;
use crate::peer::PIECES;

const SYNC: &[u8] = b"\xFF{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":77}}\n";
const SYNCED: &[u8] = b"\xFF{\"return\": 77}\n";

fn check(session: &mut Session, garbage: &[u8], random: &mut Random) {
    let dispatcher = dispatcher();
    let mut rest = garbage;
    while !rest.is_empty() {
        let (piece, tail) = rest.split_at(1 + random.below(rest.len()));
        session.feed(piece, &dispatcher);
        rest = tail;
    }
    let mut replies = std::mem::take(session.output());
    session.feed(SYNC, &dispatcher);
    replies.append(session.output());
    assert!(
        replies.ends_with(SYNCED),
        "{:?} {:?}",
        crate::text(garbage),
        crate::text(&replies)
    );
    for line in replies[..replies.len() - SYNCED.len()]
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let line = line.strip_prefix(b"\xFF").unwrap_or(line);
        serde_json::from_slice::<serde_json::Value>(line).unwrap();
    }
}

#[test]
fn random_bytes_do_no_harm() {
    let mut random = Random::new(0x1234_5678_9ABC_DEF1);
    let mut session = Session::new();
    for _ in 0..3000 {
        let garbage: Vec<u8> = (0..random.below(60))
            .map(|_| u8::try_from(random.number() >> 56).unwrap())
            .collect();
        check(&mut session, &garbage, &mut random);
    }
}

#[test]
fn random_tokens_do_no_harm() {
    let mut random = Random::new(0x0F1E_2D3C_4B5A_6978);
    let mut session = Session::new();
    let limits = Limits {
        token_bytes: 80,
        tokens: 16,
        nesting: 4,
    };
    let mut limited = Session::with_limits(limits);
    for _ in 0..10_000 {
        let mut garbage = Vec::new();
        for _ in 0..random.below(20) {
            garbage.extend_from_slice(PIECES[random.below(PIECES.len())]);
        }
        check(&mut session, &garbage, &mut random);
        check(&mut limited, &garbage, &mut random);
    }
}

#[test]
fn cutting_random_tokens_changes_nothing() {
    let mut random = Random::new(0x5851_F42D_4C95_7F2D);
    let dispatcher = dispatcher();
    for round in 0..2000 {
        let limits = match round % 2 {
            0 => Limits::default(),
            _ => Limits {
                token_bytes: 40,
                tokens: 12,
                nesting: 4,
            },
        };
        let mut input = Vec::new();
        for _ in 0..random.below(15) {
            input.extend_from_slice(PIECES[random.below(PIECES.len())]);
        }
        let mut whole = Session::with_limits(limits);
        whole.feed(&input, &dispatcher);
        for cut in 0..=input.len() {
            let mut session = Session::with_limits(limits);
            session.feed(&input[..cut], &dispatcher);
            session.feed(&input[cut..], &dispatcher);
            assert_eq!(
                crate::text(session.output()),
                crate::text(whole.output()),
                "{input:?} cut at {cut}"
            );
        }
    }
}
