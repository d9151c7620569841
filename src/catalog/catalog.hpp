// Catalog: every declared operation in one table. Filled by the composition root before anything is
// served, then read-only and read from any loop.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/operation.hpp"

namespace telltale::catalog {

class Catalog final : public runtime::OperationRegistry {
 public:
  // CHECKs that the name and routes are new and that a permission is declared: a double is a bug of
  // ours.
  void add(runtime::Operation operation) override;
  const runtime::Operation* find(std::string_view name) const;
  const std::map<std::string, runtime::Operation, std::less<>>& all() const noexcept {
    return operations_;
  }

 private:
  std::map<std::string, runtime::Operation, std::less<>> operations_;
};

}  // namespace telltale::catalog
