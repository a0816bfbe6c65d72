//! Cancellation ends a polling computation, on the thread it runs on, and no other.

use std::sync::mpsc;

use zhaoren_cancel::{Cancellation, Cancelled, count, poll, steps};

#[test]
fn another_thread_ends_an_endless_computation() {
    let cancellation = Cancellation::new();
    let (switch, (started, is_started)) = (cancellation.clone(), mpsc::channel());
    let computation = std::thread::spawn(move || {
        switch.run(|| {
            started.send(()).expect("the test listens");
            loop {
                poll();
            }
        })
    });
    is_started.recv().expect("it starts");
    cancellation.cancel();
    let ended: Result<(), Cancelled> = computation.join().expect("no panic");
    assert_eq!(ended, Err(Cancelled));
}

#[test]
fn the_switch_of_before_is_put_back() {
    let (outer, inner) = (Cancellation::new(), Cancellation::new());
    inner.cancel();
    let ran = outer.run(|| {
        assert_eq!(inner.run(poll), Err(Cancelled));
        poll();
        outer.cancel();
        assert_eq!(Cancellation::new().run(poll), Ok(()));
        poll();
    });
    assert_eq!(ran, Err(Cancelled));
    assert!(Cancellation::current().is_none());
    poll();
}

#[test]
fn values_on_the_way_are_dropped() {
    struct Noted<'a>(&'a std::cell::Cell<bool>);
    impl Drop for Noted<'_> {
        fn drop(&mut self) {
            poll();
            self.0.set(true);
        }
    }
    let dropped = std::cell::Cell::new(false);
    let cancellation = Cancellation::new();
    cancellation.cancel();
    let ran = cancellation.run(|| {
        let _noted = Noted(&dropped);
        poll();
    });
    assert_eq!((ran, dropped.get()), (Err(Cancelled), true));
}

#[test]
#[should_panic(expected = "of its own")]
fn a_panic_stays_a_panic() {
    let _ = Cancellation::new().run(|| panic!("of its own"));
}

#[test]
fn steps_are_counted() {
    let counted = count(|| {
        poll();
        count(|| steps(10)).1
    });
    assert_eq!(counted, (10, 11));
}
