//! The engine against a target that misbehaves on demand.

mod admin;
mod cost;
mod cycles;
mod faults;
mod filter;
mod functions;
mod kills;
mod mishaps;
mod plans;
mod races;
mod schedules;
mod world;

/// Makes a test of each function on both databases.
macro_rules! on_both {
    ($($module:ident { $($name:ident)+ })+) => {
        mod on_sqlite { $(mod $module { $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                crate::$module::$name(crate::world::On::Sqlite).await;
            }
        )+ })+ }

        mod on_postgres { $(mod $module { $(
            #[tokio::test(flavor = "multi_thread")]
            #[cfg_attr(not(feature = "postgres-tests"), ignore = "needs PostgreSQL: cargo xtask test runs it")]
            async fn $name() {
                crate::$module::$name(crate::world::On::Postgres).await;
            }
        )+ })+ }
    };
}

on_both! {
    cycles {
        people_are_created_linked_and_then_left_alone
        changes_reach_the_target_by_themselves
        elements_come_and_go
        only_who_is_assigned_has_an_account
        groups_within_an_assigned_group_disturb_nothing
        the_plan_says_what_then_happens
    }
    plans {
        a_kept_plan_is_carried_out_exactly
        what_has_changed_since_is_refused
        other_mappings_make_a_plan_stale
        a_plan_is_decided_on_once_and_in_time
        the_life_of_a_plan_is_a_setting
        another_target_makes_every_plan_stale
        what_fails_keeps_its_approval
    }
    races {
        changes_of_one_app_do_not_undo_each_other
    }
    cost {
        one_change_costs_the_same_among_few_and_many
    }
    kills {
        killed_between_commit_and_answer
    }
    schedules {
        every_schedule_converges
    }
}
