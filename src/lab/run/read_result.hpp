// A run read back from what to_json (result.hpp) made of it: to write reports of a stored run with
// what writes those of a fresh one. What is missing or of another type stays at its default, so
// that a run of an older Telltale is read too. Pure.
#pragma once

#include "lab/run/result.hpp"

namespace telltale::lab::run {

RunResult run_of(const base::JsonObject& run);

}  // namespace telltale::lab::run
