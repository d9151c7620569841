#include "lab/standard_kinds.hpp"

#include "lab/run/functional_kind.hpp"

namespace telltale::lab {

const run::Kinds& standard_kinds() {
  static const auto* const kAll = [] {
    auto* const kinds = new run::Kinds;  // for ever
    kinds->add(run::functional_kind());
    return kinds;
  }();
  return *kAll;
}

}  // namespace telltale::lab
