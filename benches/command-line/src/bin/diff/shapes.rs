//! Schemas and descriptions by servers that are hard to compare, in two revisions, of any size.

/// In bytes.
pub const LARGEST_FILE: usize = 100_000;

/// Makes a file with so many parts, of the older or the newer revision.
type Make = fn(usize, bool) -> String;

/// The shapes by name.
pub const SHAPES: [(&str, Make); 15] = [
    ("commands", |count, is_new| {
        lines(count, |i| {
            format!("{{'command':'c{i}','data':{{'a':'{}'}}}}", value(is_new))
        })
    }),
    ("removed commands", |count, is_new| {
        lines(count, |i| {
            format!("{{'command':'{}{i}'}}", if is_new { 'd' } else { 'c' })
        })
    }),
    ("members", |count, is_new| {
        let members = list(count, |i| format!("'m{i}':'{}'", value(is_new)));
        format!("{{'struct':'Ss','data':{{{members}}}}}\n{BOTH_WAYS}")
    }),
    ("values", |count, is_new| {
        let values = list(count, |i| {
            format!("'{}{i}'", if is_new { 'n' } else { 'o' })
        });
        format!(
            "{{'enum':'Ee','data':[{values}]}}\n{{'struct':'Ss','data':{{'e':'Ee'}}}}\n{BOTH_WAYS}"
        )
    }),
    ("branches", |count, is_new| {
        let values = list(count, |i| format!("'v{i}'"));
        let member = if is_new { 'q' } else { 'p' };
        let types = lines(count, |i| {
            format!("{{'struct':'Bb{i}','data':{{'{member}':'int'}}}}")
        });
        let branches = list(count, |i| format!("'v{i}':'Bb{i}'"));
        format!(
            "{{'enum':'Ee','data':[{values}]}}\n{types}{{'union':'Ss','base':{{'t':'Ee'}},'discriminator':'t',\
             'data':{{{branches}}}}}\n{BOTH_WAYS}"
        )
    }),
    ("a deep chain", |count, is_new| {
        let types = lines(count, |i| {
            format!("{{'struct':'T{i}','data':{{'a':'T{}'}}}}", i + 1)
        });
        let last = format!("{{'struct':'T{count}','data':{{'x':'{}'}}}}", value(is_new));
        format!("{types}{last}\n{{'command':'c','data':'T0','returns':'T0'}}")
    }),
    ("a chain that differs, below commands", |count, is_new| {
        let optional = if is_new { "" } else { "*" };
        let types = lines(count, |i| {
            format!(
                "{{'struct':'T{i}','data':{{'{optional}m':'int','*n':'T{}'}}}}",
                i + 1
            )
        });
        let commands = lines(count, |i| format!("{{'command':'c{i}','data':'T0'}}"));
        format!("{types}{{'struct':'T{count}','data':{{}}}}\n{commands}")
    }),
    ("a chain that differs, both ways", |count, is_new| {
        let types = lines(count, |i| {
            format!(
                "{{'struct':'T{i}','data':{{'m':'{}','*n':'T{}'}}}}",
                value(is_new),
                i + 1
            )
        });
        format!(
            "{types}{{'struct':'T{count}','data':{{}}}}\n{{'command':'c','data':'T0','returns':'T0'}}"
        )
    }),
    ("pairs in pairs", |count, is_new| {
        let types = lines(count, |i| {
            format!(
                "{{'struct':'T{i}','data':{{'a':'T{0}','b':'T{0}'}}}}",
                i + 1
            )
        });
        let last = format!("{{'struct':'T{count}','data':{{'x':'{}'}}}}", value(is_new));
        format!("{types}{last}\n{{'command':'c','data':'T0','returns':'T0'}}")
    }),
    ("bases of bases", |count, is_new| {
        // A longer chain is more than definitions may repeat of others.
        let types = lines(count.min(360), |i| {
            let next = i + 1;
            format!(
                "{{'struct':'T{next}','base':'T{i}','data':{{'m{next}':'int'}}}}\n{{'command':'c{next}','data':'T{next}'}}"
            )
        });
        format!(
            "{{'struct':'T0','data':{{'m0':'{}'}}}}\n{types}",
            value(is_new)
        )
    }),
    ("circles", |count, is_new| {
        lines(count, |i| {
            let (element, other) = ((i * 3 + 1) % count, (i * 5 + 2) % count);
            format!(
                "{{'struct':'T{i}','data':{{'*s':'T{i}','*l':['T{element}'],'*r':'T{other}','*x':'{}'}}}}\n\
                 {{'command':'c{i}','data':'T{i}','returns':'T{i}'}}",
                value(is_new)
            )
        })
    }),
    ("conditions", |count, is_new| {
        let members = list(count, |i| {
            if is_new {
                format!("'m{i}':{{'type':'int','if':'S{}'}}", (i * 5) % count)
            } else {
                format!(
                    "'m{i}':{{'type':'int','if':{{'all':['S{i}','S{}']}}}}",
                    (i * 7) % count
                )
            }
        });
        format!("{{'struct':'Ss','data':{{{members}}}}}\n{BOTH_WAYS}")
    }),
    ("features of members", |count, is_new| {
        let feature = if is_new { "unstable" } else { "deprecated" };
        let members = list(count, |i| {
            format!("'m{i}':{{'type':'int','features':['{feature}','f{i}']}}")
        });
        format!("{{'struct':'Ss','data':{{{members}}}}}\n{BOTH_WAYS}")
    }),
    ("long names", |count, is_new| {
        let name = "x".repeat(4_000);
        lines(count, |i| {
            format!(
                "{{'struct':'T{name}{i}','data':{{'m{name}':'{}'}}}}\n{{'command':'c{i}','data':'T{name}{i}'}}",
                value(is_new)
            )
        })
    }),
    ("unions in circles, said by a server", |count, is_new| {
        let extra = if is_new {
            ",{\"name\":\"x\",\"type\":\"str\"}"
        } else {
            ""
        };
        let unions: String = (0..count)
            .map(|i| {
                let next = (i + 1) % count;
                format!(
                    ",{{\"name\":\"u{i}\",\"meta-type\":\"object\",\"tag\":\"t\",\"members\":[{{\"name\":\"t\",\"type\":\"e\"}}{extra}],\
                     \"variants\":[{{\"case\":\"a\",\"type\":\"u{next}\"}}]}}"
                )
            })
            .collect();
        format!(
            "[{{\"name\":\"0\",\"meta-type\":\"object\",\"members\":[]}},{{\"name\":\"str\",\"meta-type\":\"builtin\",\
             \"json-type\":\"string\"}},{{\"name\":\"e\",\"meta-type\":\"enum\",\"values\":[\"a\"]}},{{\"name\":\"c\",\
             \"meta-type\":\"command\",\"arg-type\":\"u0\",\"ret-type\":\"0\"}}{unions}]"
        )
    }),
];

const BOTH_WAYS: &str = "{'command':'c','data':'Ss','boxed':true,'returns':'Ss'}";

/// Returns the type of what differs.
fn value(is_new: bool) -> &'static str {
    if is_new { "str" } else { "int" }
}

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(|index| line(index) + "\n").collect()
}

fn list(count: usize, entry: impl Fn(usize) -> String) -> String {
    let entries: Vec<_> = (0..count).map(entry).collect();
    entries.join(",")
}
