#include "lab/standard_kinds.hpp"

#include "lab/kinds/kinds.hpp"
#include "lab/measure/measure_kinds.hpp"
#include "lab/run/functional_kind.hpp"

namespace telltale::lab {

const run::Kinds& standard_kinds() {
  static const auto* const kAll = [] {
    auto* const kinds = new run::Kinds;  // for ever
    kinds->add(run::functional_kind());
    kinds->add(conformance_kind());
    kinds->add(property_kind());
    kinds->add(fuzz_kind());
    kinds->add(chaos_kind());
    kinds->add(security_kind());
    kinds->add(bench_kind());
    kinds->add(replay_kind());
    kinds->add(measure::load_kind());
    kinds->add(measure::soak_kind());
    kinds->add(measure::differential_kind());
    return kinds;
  }();
  return *kAll;
}

}  // namespace telltale::lab
