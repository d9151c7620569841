// What reporting needs of the lab: reports of a run and of two, and the badge of a suite.
#pragma once

#include "reporting/badges.hpp"
#include "reporting/desk.hpp"

namespace telltale::app {

// The kinds `run` and `comparison`. Both outlive the desk.
void add_lab_kinds(reporting::Desk::Parts& parts);

// By id or name: how its last run of all cases ended.
reporting::FindBadge suite_badge(store::Store& store);

}  // namespace telltale::app
