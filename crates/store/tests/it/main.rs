//! The contract that both databases keep: one suite, run on SQLite and on PostgreSQL.

mod durability;
mod house;
mod lint;
mod postgres_only;
mod sqlite_only;
mod suite;
mod twins;

/// Makes a test of each function of the suite, on a fresh database of each kind.
macro_rules! contract {
    ($($module:ident { $($name:ident)+ })+) => {
        mod on_sqlite { $(mod $module { $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                crate::suite::$module::$name(&crate::house::House::sqlite().await).await;
            }
        )+ })+ }

        mod on_postgres { $(mod $module { $(
            #[tokio::test(flavor = "multi_thread")]
            #[cfg_attr(not(feature = "postgres-tests"), ignore = "needs PostgreSQL: cargo xtask test runs it")]
            async fn $name() {
                crate::suite::$module::$name(&crate::house::House::postgres().await).await;
            }
        )+ })+ }
    };
}

contract! {
    users {
        a_person_lives_and_dies
        every_spelling_of_a_user_name_is_taken
        of_two_updates_with_one_version_one_wins
        who_is_not_as_read_is_not_replaced
        known_index_rows_become_those_wanted
        of_sixteen_creates_of_one_name_one_wins
        organizations_do_not_see_each_other
        a_swap_of_user_names_needs_a_third
    }
    lookups {
        all_in_pages
        equal_and_prefix
        bounded_in_bytes
        keys_follow_changes
        many_keys_of_one_person
        modified_ranges
        many_ids_at_once
    }
    groups {
        a_group_lives_and_dies
        adding_notes_only_the_new
        replacing_changes_the_difference
        members_added_concurrently
        a_deleted_person_leaves_all_groups
        adding_and_deleting_race
        the_work_does_not_grow_with_the_group
    }
    nesting {
        people_and_groups_are_members
        a_kind_that_contradicts_is_nobody
        groups_of_people_through_groups
        a_deleted_group_leaves_all_groups
        no_group_contains_itself
        two_halves_of_a_circle_race
        nesting_and_deleting_race
    }
    ties {
        references_are_found_from_both_ends
        memberships_are_touched_and_settled
        whoever_is_touched_meanwhile_stays_stale
        an_account_that_goes_is_supposed_to_be_there
        what_the_target_shows_is_compared
        who_is_refused_is_told_and_looked_at_again
    }
    feed {
        every_change_with_its_cause
        a_reader_misses_nothing
        what_nobody_will_read_is_forgotten
        nothing_new_is_nothing
        a_watcher_wakes
    }
    writes {
        a_failed_write_leaves_nothing
        a_panic_is_an_error
        going_on_after_a_failure_is_refused
        a_refusal_comes_back
        counters_count
        reads_inside_a_write_see_it
        the_last_administrator_stays
        active_holders_of_a_role
    }
    sealed {
        everything_is_sealed_anew
    }
    outbox {
        mail_is_sent_once_by_whoever_holds_it
        what_is_done_with_is_forgotten
        a_reason_is_told_once
    }
    partners {
        an_offer_becomes_one_persons
        a_partners_token_has_the_role_as_of_now
    }
    records {
        organizations_and_settings
        tokens_are_found_by_hash
        a_token_shows_its_owner_as_of_now
        roles_and_passwords
        events_in_pages
        opening_again_keeps_everything
    }
    schemas {
        every_change_raises_the_revision
        a_token_brings_the_revision_along
        a_change_waits_for_writers_and_they_for_it
        a_value_is_one_resources
        claims_do_not_lock_each_other_out
    }
    domains {
        a_domain_is_one_organizations
        what_is_claimed_is_nobody_elses
        people_are_found_by_their_domain
    }
    licences {
        two_race_for_the_last_one
        the_first_in_line_is_first
        every_change_of_what_is_given_raises_the_revision
    }
    apps {
        an_app_lives_and_dies
        of_two_updates_of_an_app_one_wins
        assignments_in_person_and_through_groups
        roles_of_assignments
        an_account_is_one_persons
        the_log_is_read_in_both_directions
        old_entries_are_forgotten_a_few_at_a_time
        a_hold_is_lifted_unless_the_target_asked_for_it
    }
    judging {
        as_many_as_may_go_are_admitted
        what_shows_meanwhile_is_not_admitted_with_the_rest
    }
    lanes {
        a_burst_of_changes_is_one_piece_of_work
        a_change_during_the_work_is_work_again
        a_lost_lease_writes_nothing
        a_lease_that_is_renewed_lasts
        what_others_create_is_known_until_it_must_show
        who_is_in_doubt_waits_whatever_happens
        what_has_failed_is_tried_at_once_when_asked
        what_a_dead_process_leased_is_taken_back
        claims_do_not_overlap
        only_whom_it_concerns_is_marked
    }
}
