#include "lab/run/kind.hpp"

#include "base/check.hpp"

namespace telltale::lab::run {

void Kinds::add(std::unique_ptr<Kind> kind) {
  auto spec = kind->spec();
  const auto name = spec.name;
  CHECK(!kinds_.contains(name));
  table_.emplace(name, std::move(spec));
  kinds_.emplace(name, std::move(kind));
}

const Kind* Kinds::find(std::string_view name) const {
  const auto found = kinds_.find(name);
  return found == kinds_.end() ? nullptr : found->second.get();
}

}  // namespace telltale::lab::run
