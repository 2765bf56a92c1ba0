//! The engine against a target that misbehaves on demand.

mod admin;
mod approval;
mod bulk;
mod calling;
mod cost;
mod credentials;
mod cycles;
mod dialect;
mod faults;
mod filter;
mod functions;
mod group_drift;
mod group_schedules;
mod groups;
mod import;
mod kills;
mod look_ups;
mod memberships;
mod mishaps;
mod neighbours;
mod notifications;
mod one_person;
mod plans;
mod quarantine;
mod races;
mod rates;
mod reconcile;
mod references;
mod removal;
mod schedules;
mod settings;
mod tables;
mod ways;
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
        the_work_for_each_person_has_its_own_correlation
        changes_reach_the_target_by_themselves
        what_a_target_keeps_by_itself_is_cleared_once
        elements_come_and_go
        only_who_is_assigned_has_an_account
        groups_within_an_assigned_group_disturb_nothing
        the_plan_says_what_then_happens
    }
    one_person {
        every_attribute_says_what_happens_and_why
        why_in_scope_is_said_in_words
        one_person_is_provisioned_at_once
        approval_and_pauses_hold_on_demand
        a_demand_that_nobody_judges_says_so
        the_engine_and_a_demand_do_nothing_twice
        a_task_that_begins_disturbs_no_demand
        nothing_is_sent_on_demand_while_the_target_is_left_alone
    }
    neighbours {
        a_change_of_groups_changes_what_is_made_of_them
        roles_come_with_assignments_in_either_scope
        the_manager_is_read_with_the_person
    }
    references {
        a_manager_without_an_account_is_waited_for
        an_empty_reference_is_left_where_that_is_asked_for
        everybody_finds_their_manager_in_one_cycle
        another_account_of_the_manager_is_named
        other_values_are_sent_as_they_are
    }
    groups {
        groups_are_off_until_chosen
        a_group_that_is_there_is_taken_over
        a_group_that_goes_is_left_or_deleted_as_is_set
        a_doubtful_group_is_not_made_twice
        stale_reads_make_no_second_group
        a_group_is_provisioned_on_demand
        why_a_group_is_in_scope_is_said_in_words
        a_table_of_groups_is_edited_like_the_other
        groups_within_count_where_that_is_chosen
        a_group_deleted_there_is_made_anew_with_its_members
        deleted_groups_count_towards_the_threshold
        groups_are_told_of_in_log_and_trail
    }
    memberships {
        members_come_and_go
        many_members_come_in_few_requests
        one_member_who_is_refused_keeps_nobody_out
        who_may_have_come_in_and_goes_does_not_stay
        memberships_stand_in_the_next_plan
        members_come_and_go_without_patch
    }
    approval {
        nothing_is_sent_without_approval
        over_the_threshold_nothing_at_all_is_sent
        one_after_another_they_count_together
        what_is_discarded_stays_and_the_rest_goes_on
        each_setting_of_the_threshold_counts
        the_window_of_the_threshold_is_a_setting
        a_plan_that_has_expired_is_planned_anew
        what_shows_at_the_target_counts_too
        a_mapping_that_denies_everybody_is_asked_about
        many_harmless_changes_flow
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
    notifications {
        only_who_is_named_and_wants_it_is_told
        what_awaits_approval_is_told_once
        a_token_that_expires_is_warned_of_four_times
    }
    quarantine {
        refused_credentials_are_tried_ever_more_rarely_until_they_are_taken
        another_reason_is_told_and_the_time_runs_on
        each_setting_of_the_quarantine_counts
        small_apps_come_into_quarantine_too_but_not_for_a_few
        too_many_failures_are_tried_together_and_rarely
        after_four_weeks_nothing_is_tried_until_it_is_resumed
        a_test_that_succeeds_ends_the_wait
    }
    settings {
        every_setting_is_flipped
        another_base_url_is_another_target
        another_preset_is_another_table
        the_default_domain_is_a_setting
        scope_says_who_has_an_account
        each_switch_allows_what_it_names
        so_many_are_worked_on_at_once
        so_long_an_answer_is_waited_for
        what_is_in_doubt_waits_so_long
        the_first_wait_is_a_setting
        the_longest_wait_is_a_setting
    }
    credentials {
        tokens_are_asked_for_kept_and_renewed
        a_token_that_is_refused_is_renewed_once
        whoever_had_to_wait_may_renew_a_token_too
        refresh_tokens_that_change_are_kept_before_use
        each_part_of_the_credentials_counts
        what_gives_no_token_says_why_and_heals
        two_processes_ask_once
        the_expiry_is_asked_where_it_can_be
        an_app_is_not_added_to_show_its_token_elsewhere
        credentials_that_are_repeated_are_kept_nowhere
    }
    calling {
        nobody_fights_over_the_numbers_of_webex_calling
        an_account_with_calling_is_linked_as_it_is
        a_language_in_another_spelling_is_no_difference
    }
    ways {
        where_patch_is_missing_the_whole_account_is_sent
        what_is_mapped_is_sent_whatever_is_said_of_it
        what_an_answer_shows_is_remembered
        each_way_of_changing_can_be_set
        a_replacement_names_the_version_that_it_is_made_on
        a_filter_that_is_refused_is_asked_no_more
        an_element_that_is_not_found_is_added
        how_a_value_comes_into_a_missing_element_is_set
        a_target_that_asks_for_it_is_sent_less_at_once
        what_a_target_says_of_itself_is_shown
    }
    look_ups {
        many_are_looked_for_at_once
        an_answer_that_does_not_prove_itself_is_not_believed
        who_has_gone_proves_nothing
        trouble_is_one_persons_to_report
        whether_they_are_is_a_setting
    }
    bulk {
        many_travel_together
        each_is_judged_by_itself
        however_it_is_answered_nobody_is_there_twice
        whatever_becomes_of_the_whole_nobody_is_there_twice
        a_target_that_takes_none_after_all_is_remembered
        what_a_bulk_request_may_hold_is_kept_to
        whether_and_how_many_travel_together_is_a_setting
        groups_travel_together_too
        replacements_travel_together_too
        killed_in_the_middle_of_one
    }
    dialect {
        a_target_that_says_it_has_no_groups_is_warned_of
        what_the_second_service_adds_by_itself_is_no_difference
        the_first_service_answers_a_change_with_nothing
        who_is_there_already_is_linked
        their_own_words_are_shown
        refused_credentials_say_why
        locked_and_throttled_are_waited_for
        an_element_that_it_does_not_find_is_added
        members_have_their_type
        lists_are_read_a_hundred_at_a_time
        bulk_requests_are_sent_as_the_second_service_wants_them
    }
    rates {
        each_setting_of_the_rate_counts
        a_quota_is_kept_to
        a_target_that_hangs_delays_nobody_else
    }
    races {
        changes_of_one_app_do_not_undo_each_other
    }
    removal {
        deactivated_it_rests_and_activated_it_begins_anew
        accounts_are_disabled_before_the_app_goes
        whoever_cannot_go_holds_the_app
        what_becomes_of_groups_is_chosen_and_counted
        a_removal_that_is_killed_goes_on
    }
    import {
        accounts_become_people_and_are_left_alone
        what_cannot_be_imported_is_said
        of_a_large_import_one_is_told_by_mail
        an_import_that_is_killed_goes_on
    }
    reconcile {
        what_the_target_changed_is_reported
        what_the_target_changed_is_brought_back
        lists_are_read_however_the_target_pages
        not_found_is_not_gone
        a_target_that_asks_to_wait_is_left_alone
        bringing_back_asks_as_all_else_does
        each_setting_of_the_drift_counts
        what_is_recent_is_passed_over_and_counted
        each_setting_of_lists_counts
        pages_are_as_large_as_is_set
    }
    group_drift {
        what_happened_to_groups_is_reported_and_brought_back
        groups_are_left_alone_where_nobody_provisions_them
        who_is_in_large_groups_is_read_page_by_page
        a_target_that_hides_members_is_believed
        killed_while_groups_are_reconciled
    }
    cost {
        one_change_costs_the_same_among_few_and_many
        no_statement_of_a_change_reads_everybody
        no_statement_of_a_member_reads_the_group
        one_member_more_costs_the_same_among_few_and_many
    }
    kills {
        killed_between_commit_and_answer
        killed_at_a_group
        killed_after_a_doubtful_account_was_renamed
    }
    schedules {
        every_schedule_converges
        nothing_is_sent_that_no_plan_showed
        of_an_exodus_nothing_is_sent_unasked
    }
    group_schedules {
        every_schedule_with_groups_converges
        of_groups_nothing_is_sent_that_no_plan_showed
    }
}
