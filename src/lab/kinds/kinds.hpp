// The kinds of cases that judge a server by themselves, without steps: each turns the options of a
// case into one run of its part of the lab and that into an Outcome. Listed by standard_kinds.cpp.
#pragma once

#include "lab/connect.hpp"
#include "lab/run/kind.hpp"

namespace telltale::lab {

std::unique_ptr<run::Kind> conformance_kind();
std::unique_ptr<run::Kind> property_kind();
std::unique_ptr<run::Kind> fuzz_kind();
std::unique_ptr<run::Kind> chaos_kind();
std::unique_ptr<run::Kind> security_kind();
std::unique_ptr<run::Kind> bench_kind();
std::unique_ptr<run::Kind> replay_kind();

// Fresh ones of a server of the suite, one after the other; "" is the case's.
Connect connect_through(run::CaseContext* context, std::string server = {});
// As run_chaos and its like tell it.
std::function<void(double, double, std::string)> progress_through(run::CaseContext* context);
// The options of the case; they have been checked when the suite was read, and variables filled in
// since.
template <class Options>
base::Result<Options> options_of(const run::CaseContext& context) {
  if (context.options().is_null()) return Options{};
  return base::from_json<Options>(context.options());
}

}  // namespace telltale::lab
