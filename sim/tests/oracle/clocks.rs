//! Machines that read a clock whenever they like: exploring allows more than the clock does.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use punctual_sim::explore::{self, Goal, Limits, NotFound};
use punctual_sim::Span;

use crate::random::{All, Rules, SHORT, Scale, Uses, machine};
use crate::{count_out, run_to};

#[test]
fn freely() {
    let mut random = TestRunner::deterministic();
    let machines = machine(&Scale { clock: Uses::Freely, ..SHORT });
    let rules = Rules::new(Span(2));
    let (mut asked, mut found, mut more, mut alike, mut counted, mut ends, mut attained) = (0, 0, 0, 0, 0, 0, 0);
    let mut whys = std::collections::BTreeMap::new();
    for _ in 0..8_000 {
        let machine = machines.new_tree(&mut random).expect("a machine").current();
        let Some(all) = count_out(&machine, &rules) else { continue };
        let explored = explore::every_timing(&machine, &rules, Limits::default());
        assert_eq!(explored.limit, None);
        counted += 1;
        assert_eq!(all.broken & !explored.broken, 0);
        alike += u32::from(All { broken: explored.broken, delays: explored.delays.clone() } == all);
        for rule in (0..64).filter(|rule| explored.broken >> rule & 1 == 1) {
            let is = all.broken >> rule & 1 == 1;
            more += u32::from(!is);
            match run_to(&machine, &rules, Goal::Breaks(1 << rule)) {
                Ok(_) => {
                    assert!(is);
                    found += 1;
                    asked += 1;
                }
                Err(why) => {
                    asked += u32::from(is);
                    *whys.entry(format!("{is} {why:?}")).or_insert(0) += 1;
                }
            }
        }
        for (&slot, &(least, most)) in &all.delays {
            for goal in [Goal::AtLeast(slot, most), Goal::AtMost(slot, least)] {
                ends += 1;
                attained += u32::from(run_to(&machine, &rules, goal).is_ok());
            }
        }
    }
    println!("{whys:?}");
    println!("counted {counted} alike {alike} more {more} asked {asked} found {found} ends {ends} attained {attained}");
}
