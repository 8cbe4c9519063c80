//! The parsers of the files of /proc, text by text.

mod uptime {
    use procline::scan::{Expected, ParseError};
    use procline::source::{Source, Uptime};

    #[test]
    fn the_numbers_are_the_kernels_and_one_decimal_as_from_lxcfs_is_enough() {
        let texts = [
            ("6244.31 11647.10\n", ["6244.31", "11647.10"]),
            ("0.0 0.0\n", ["0.0", "0.0"]),
            // Two decimals show that nothing was cut but the newline.
            ("6244.31 11647.10", ["6244.31", "11647.10"]),
        ];
        for (text, expected) in texts {
            let uptime = Uptime::parse(text.as_bytes()).unwrap();
            assert_eq!([uptime.total, uptime.idle].map(|time| time.digits()), expected.map(str::as_bytes));
        }
    }

    #[test]
    fn what_is_wrong_is_placed() {
        for (text, offset, expected) in [
            ("", 0, Expected::Digit),
            ("1.5\n", 3, Expected::Digit),
            ("1.5\n2.5\n", 3, Expected::Digit),
            ("1 2\n", 1, Expected::Point),
            ("1. 2.0\n", 2, Expected::Digit),
            ("1.5x 2.0\n", 3, Expected::Digit),
            ("1.5 -2.0\n", 4, Expected::Digit),
            ("01.5 2.0\n", 0, Expected::NoLeadingZero),
            ("1.5 1e3\n", 5, Expected::Point),
            ("1.50 2.50 3.50\n", 10, Expected::Newline),
            ("1.50 2.5", 8, Expected::Newline),
        ] {
            assert_eq!(Uptime::parse(text.as_bytes()), Err(ParseError { offset, expected }), "{text}");
        }
    }
}

mod loadavg {
    use procline::scan::{Expected, ParseError};
    use procline::source::{Loadavg, Source};

    #[test]
    fn every_field_is_taken() {
        let found = Loadavg::parse(b"0.01 12.50 0.00 2/339 4193111\n").unwrap();
        let loads = [found.loadavg_1m, found.loadavg_5m, found.loadavg_15m];
        assert_eq!(loads.map(|load| load.digits()), [&b"0.01"[..], b"12.50", b"0.00"]);
        assert_eq!([found.current_procs, found.total_procs].map(|text| text.as_str()), ["2", "339"]);
        assert_eq!(found.last_pid.value(), 4_193_111);
    }

    #[test]
    fn what_is_wrong_is_placed() {
        for (text, offset, expected) in [
            ("0.01 0.02\n0.00 2/339 1\n", 9, Expected::Digit),
            ("0.01 0.02 0.00 2 339 1\n", 16, Expected::Slash),
            ("0.01 0.02 0.00 /339 1\n", 15, Expected::Digit),
            ("0.01 0.02 0.00 1/ 2 3\n", 17, Expected::Digit),
            ("0.01 0.02 0.00 2/339\n", 20, Expected::Digit),
            ("0.01 0.02 0.00 2/339x 1\n", 20, Expected::Digit),
            ("0.01 0.02 0.00 2/339 01\n", 21, Expected::NoLeadingZero),
            ("0.01 0.02 0.00 2/339 18446744073709551616\n", 21, Expected::SmallerNumber),
            ("0.01 0.02 0.00 2/339 1 2\n", 23, Expected::Newline),
            ("0.01 0.02 0.00 2/339 53", 23, Expected::Newline),
        ] {
            assert_eq!(Loadavg::parse(text.as_bytes()), Err(ParseError { offset, expected }), "{text}");
        }
    }
}

mod meminfo {
    use procline::scan::{Expected, ParseError};
    use procline::source::{Meminfo, Source};

    /// What is read of a text behind the line that must be there, which is left out.
    fn read(text: &str, as_pymonitor: bool) -> Vec<(&'static str, &'static str, &'static str)> {
        let text = format!("MemTotal: 1 kB\n{text}\n").leak();
        let mut meminfo = Meminfo::parse(text.as_bytes()).unwrap();
        meminfo.as_pymonitor = as_pymonitor;
        let lines = meminfo.iter().map(|(name, amount)| (name.as_str(), amount.value.as_str(), amount.unit.as_str()));
        lines.skip(1).collect()
    }

    fn entries(text: &str) -> Vec<(&'static str, &'static str, &'static str)> {
        read(text, false)
    }

    #[test]
    fn lines_keep_their_order_name_value_and_unit() {
        let text = "MemTotal:  280840 kB\nActive(anon):  0 kB\nHugePages_Total:   0\nDirectMap4k: 1 kB";
        let expected = [
            ("MemTotal", "280840", "kB"),
            ("Active(anon)", "0", "kB"),
            ("HugePages_Total", "0", ""),
            ("DirectMap4k", "1", "kB"),
        ];
        assert_eq!(entries(text), expected);
    }

    #[test]
    fn what_is_wrong_is_placed() {
        for (text, offset, expected) in [
            ("", 0, Expected::MemTotalLine),
            ("MemFree: 1 kB\n\u{1}\u{ff}\n", 18, Expected::MemTotalLine),
            ("MemTotal: 1 kB\nMemFree: 12", 26, Expected::Newline),
            ("MemTotal: 1 kB\nMemFree: 12 k", 28, Expected::Newline),
            ("MemTotal: x\n", 10, Expected::Digit),
        ] {
            assert_eq!(Meminfo::parse(text.as_bytes()), Err(ParseError { offset, expected }), "{text}");
        }
        for text in ["MemFree: 1 kB\nMemTotal: 2 kB\n", "MemTotal: 1 kB\r\nMemFree: 2 kB"] {
            assert!(Meminfo::parse(text.as_bytes()).is_ok(), "{text}");
        }
    }

    #[test]
    fn no_blank_after_the_colon_is_needed() {
        assert_eq!(entries("SwapFree:18014398503714728 kB\n"), [("SwapFree", "18014398503714728", "kB")]);
    }

    #[test]
    fn carriage_returns_end_lines() {
        assert_eq!(entries("A: 1 kB\r\nB: 2\r\n"), [("A", "1", "kB"), ("B", "2", "")]);
    }

    #[test]
    fn the_table_of_linux_2_4_is_skipped() {
        let text = "        total:    used:    free:\nMem:  260579328 136073216 124506112\nSwap:        0        0        0\nMemTotal: 7 kB\n";
        assert_eq!(entries(text), [("MemTotal", "7", "kB")]);
    }

    #[test]
    fn pymonitor_minds_other_things() {
        let text = "Mem:  5 6 7\nA:1 kB\n B: 1 kB\nC-D: 1\nE:\t1.5\nF: 2kB\nG_(h): 3 k_2B!\nI: x\nJ: 4\r\n: 5\nK: 6 kB";
        let expected = [
            ("Mem", "5", "6"),
            ("E", "1", ""),
            ("F", "2", "kB"),
            ("G_(h)", "3", "k_2B"),
            ("J", "4", ""),
            ("K", "6", "kB"),
        ];
        assert_eq!(read(text, true), expected);
    }

    #[test]
    fn lines_of_another_form_are_skipped() {
        let text = "\n:\n: 5 kB\nA\nB:\nC: x\nD: -1 kB\nE: 1 kB kB\nF: 1 2\nG\"H: 1 kB\nI\\: 1\nJ K: 1\n\u{e4}: 1\nL: 1.5 kB\nN: 5kB\nM: 1 kB";
        assert_eq!(entries(text), [("M", "1", "kB")]);
    }
}

mod stat {
    use procline::scan::{Count, Counts, Expected, ParseError};
    use procline::source::{Source, Stat};

    fn values(counts: Counts<'_>) -> Vec<u64> {
        counts.iter().map(|count| count.value()).collect()
    }

    fn times(stat: &Stat<'_>) -> Vec<u64> {
        stat.cpu_total.times().map(|(_, time)| time.value()).collect()
    }

    fn parsed(text: &str) -> Stat<'_> {
        Stat::parse(text.as_bytes()).expect(text)
    }

    #[test]
    fn every_line_is_taken() {
        let stat = parsed(
            "cpu  9 2 3 4\nintr 70 0 69 1\nctxt 5\nbtime 6\nprocesses 7\nprocs_running 8\nprocs_blocked 1\nsoftirq 12 5 7\n",
        );
        assert_eq!(times(&stat)[0], 9);
        assert_eq!((stat.intr.total.value(), values(stat.intr.counters)), (70, [0, 69, 1].to_vec()));
        let single = [stat.ctxt, stat.btime, stat.processes, stat.procs_running, stat.procs_blocked];
        assert_eq!(single.map(|count| count.value()), [5, 6, 7, 8, 1]);
        assert_eq!(values(stat.softirq), [12, 5, 7]);
    }

    #[test]
    fn fields_after_a_long_intr_line_are_found() {
        let text = String::from("cpu 1 2 3 4\nintr 5") + &" 0".repeat(20_000) + "\nctxt 6\nbtime 7\n";
        let stat = parsed(&text);
        assert_eq!((stat.intr.counters.iter().count(), stat.ctxt.value()), (20_000, 6));
    }

    #[test]
    fn a_total_alone_as_on_ia64_leaves_the_counters_empty() {
        let stat = parsed("cpu 1 2 3 4\nintr 5\nbtime 7\n");
        assert_eq!((stat.intr.total.value(), values(stat.intr.counters)), (5, Vec::new()));
    }

    #[test]
    fn missing_lines_count_as_0_or_empty() {
        let stat = parsed("cpu 1 2 3 4\nbtime 0\n");
        let single = [stat.intr.total, stat.ctxt, stat.btime, stat.processes, stat.procs_running, stat.procs_blocked];
        assert_eq!(single, [Count::ZERO; 6]);
        assert_eq!((values(stat.intr.counters), values(stat.softirq)), (Vec::new(), Vec::new()));
    }

    #[test]
    fn a_last_line_whose_counts_add_up_needs_no_newline() {
        for (softirq, adds_up) in [
            ("12 5 7", true),
            ("4294967299 4294967295 4", true),
            ("3 4294967295 4", true),
            ("12 5 7 ", true),
            ("12 5 ", false),
            ("12 5 71", false),
            ("1", false),
            ("", false),
        ] {
            let text = String::from("cpu 1 2 3 4\nbtime 5\nsoftirq ") + softirq;
            let expected = (!adds_up).then_some(ParseError { offset: text.len(), expected: Expected::Newline });
            assert_eq!(Stat::parse(text.as_bytes()).err(), expected, "{text}");
        }
    }

    #[test]
    fn blank_and_unknown_lines_are_skipped() {
        let stat = parsed(
            "\n\ncpu 1 2 3 4\n\npage 1 x\nswap 0 0\ndisk_io: (3,0):(1,1,2,0,0)\ncpufreq 1\nctxtx 1\n \nctxt 9\nbtime 1\n",
        );
        assert_eq!((stat.ctxt.value(), stat.cpus.iter().count()), (9, 0));
    }

    #[test]
    fn a_counter_can_be_as_large_as_64_bits() {
        let stat = parsed("cpu 18446744073709551615 18446744073709551615 0 0\nbtime 1\n");
        assert_eq!(times(&stat)[..2], [u64::MAX, u64::MAX]);
    }

    #[test]
    fn what_is_wrong_is_placed() {
        for (text, offset, expected) in [
            ("", 0, Expected::CpuLine),
            ("cpu0 1 2 3 4\nctxt 5\n", 20, Expected::CpuLine),
            ("cpu 1 2 3\n", 9, Expected::Digit),
            ("cpu 1 2 3 4 5 6 7 8 9 10 11 x\n", 28, Expected::Digit),
            ("cpu 1 2 3 4\ncpu0 12x 2 3 4\n", 19, Expected::Digit),
            ("cpu 1 2 3 4\nctxt\n", 16, Expected::Digit),
            ("cpu 1 2 3 4\nctxt -5\n", 17, Expected::Digit),
            ("cpu 1 2 3 4\nintr 5 0 07\n", 21, Expected::NoLeadingZero),
            ("cpu 1 2 3 4\nintr\n", 16, Expected::Digit),
            ("cpu 1 2 3 4\nsoftirq 1 \u{0}\n", 22, Expected::Digit),
            ("cpu 18446744073709551616 2 3 4\n", 4, Expected::SmallerNumber),
            ("cpu 1 2 3 4\nctxt 5\n", 19, Expected::BtimeLine),
            ("cpu 1 2 3 4\nbtime 5 \nctxt 5 6\n", 28, Expected::Newline),
            ("cpu 1 2 3 4\nbtime 5\nctxt 633", 28, Expected::Newline),
            ("cpu 1 2 3 4\nbtime 5\nprocs_", 26, Expected::Newline),
        ] {
            assert_eq!(Stat::parse(text.as_bytes()), Err(ParseError { offset, expected }), "{text}");
        }
    }
}

mod cpu {
    use procline::source::{Source, Stat};

    fn names(text: &str) -> Vec<&str> {
        Stat::parse(text.as_bytes()).expect(text).cpus.iter().map(|cpu| cpu.name.as_str()).collect()
    }

    #[test]
    fn gaps_in_the_numbers_stay() {
        let text = "cpu 1 1 1 1\ncpu0 1 1 1 1\ncpu3 1 1 1 1\ncpu17 1 1 1 1\nbtime 1\n";
        assert_eq!(names(text), ["cpu0", "cpu3", "cpu17"]);
    }

    #[test]
    fn other_lines_between_are_no_cpus() {
        let text = "cpu0 1 1 1 1\n\ncpufreq 1\ncpu 2 2 2 2\r\ncpu1 1 1 1 1\r\nbtime 1\n";
        assert_eq!(names(text), ["cpu0", "cpu1"]);
    }

    #[test]
    fn zeros_count_and_blanks_between_them_do_not() {
        for line in ["cpu  0 0 0 0\n", "cpu 0  0 0 0\n", "cpu 0 \t 0  0 0  \n", "cpu 0 0 0 0 0 0 0 0 0 0\n"] {
            let text = String::from(line) + "btime 1\n";
            let total = Stat::parse(text.as_bytes()).expect(&text).cpu_total;
            assert_eq!(total.times().map(|(_, time)| time.value()).collect::<Vec<_>>(), [0; 9], "{text}");
        }
        for text in ["cpu 0 0 0\n", "cpu 0  0  0 \n", "cpu\n"] {
            assert!(Stat::parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn columns_from_4_to_12_are_taken_and_missing_ones_count_as_0() {
        for columns in 4..=12 {
            let text = (1..=columns).fold(String::from("cpu "), |text, column: u64| text + " " + &column.to_string());
            let text = text + "\nbtime 1\n";
            let cpu = Stat::parse(text.as_bytes()).expect(&text).cpu_total;
            let times = cpu.times().map(|(_, time)| time.value());
            assert!(times.eq((1..=9).map(|column| if column <= columns { column } else { 0 })), "{text}");
        }
    }
}

mod pymonitor {
    use procline::pymonitor::MULTIPLIED;
    use procline::source::Stat;

    #[test]
    fn no_field_of_stat_but_three_is_multiplied() {
        assert_eq!(Stat::KEYS[..4], ["cpu_total", "cpus", "intr", "ctxt"]);
        assert_eq!(
            [0, 3].map(|place| format!("\"{}\":", Stat::KEYS[place]).into_bytes()),
            MULTIPLIED.map(<[u8]>::to_vec)
        );
    }
}
