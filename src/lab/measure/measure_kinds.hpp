// load: how much a server takes and how long its answers take. soak: what becomes of its memory,
// descriptors and latency meanwhile. differential: whether two servers answer the same.
#pragma once

#include "lab/run/kind.hpp"

namespace telltale::lab::measure {

std::unique_ptr<run::Kind> load_kind();
std::unique_ptr<run::Kind> soak_kind();
std::unique_ptr<run::Kind> differential_kind();

}  // namespace telltale::lab::measure
