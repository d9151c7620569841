#include "catalog/catalog.hpp"

#include <algorithm>

#include "auth/roles.hpp"
#include "base/check.hpp"

namespace telltale::catalog {

void Catalog::add(runtime::Operation operation) {
  CHECK(!operation.spec.name.empty());
  // Nothing is reachable without a permission that somebody can be given.
  CHECK(operation.spec.permission == "public" || operation.spec.permission == "session" ||
        auth::is_permission(operation.spec.permission));
  CHECK(operation.run != nullptr);
  for (const auto& [name, other] : operations_)
    for (const auto& theirs : other.spec.routes)
      for (const auto& ours : operation.spec.routes)
        CHECK(theirs.method != ours.method || theirs.path != ours.path);
  const auto name = operation.spec.name;
  CHECK(operations_.emplace(name, std::move(operation)).second);
}

const runtime::Operation* Catalog::find(std::string_view name) const {
  const auto found = operations_.find(name);
  return found == operations_.end() ? nullptr : &found->second;
}

}  // namespace telltale::catalog
