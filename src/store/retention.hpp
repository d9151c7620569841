// How long what is recorded is kept. Kept in the table `settings`; changed by store.set_retention;
// applied by the composition root every few minutes.
#pragma once

#include "base/describe.hpp"
#include "store/store.hpp"

namespace telltale::store {

struct Retention {  // hours
  int health = 24 * 30;
  int calls = 24 * 30;
  int logs = 24 * 7;
  int events = 24 * 7;
  int operations = 24 * 90;
};
BOOST_DESCRIBE_STRUCT(Retention, (), (health, calls, logs, events, operations))
constexpr auto field_rules(const Retention*) {
  using base::FieldRule;
  constexpr double kYears = 24.0 * 3660;
  return std::array{
      FieldRule{.name = "health", .minimum = 1, .maximum = kYears, .has_default = true},
      FieldRule{.name = "calls", .minimum = 1, .maximum = kYears, .has_default = true},
      FieldRule{.name = "logs", .minimum = 1, .maximum = kYears, .has_default = true},
      FieldRule{.name = "events", .minimum = 1, .maximum = kYears, .has_default = true},
      FieldRule{.name = "operations", .minimum = 1, .maximum = kYears, .has_default = true}};
}

base::Result<Retention> load_retention(Connection& db);
base::Result<void> save_retention(Connection& db, const Retention& retention);
// Deletes what is too old, at most `batch` rows of each table in a transaction, and so on until
// nothing is: others write in between.
runtime::TaskResult<bool> apply_retention(Store& store, std::size_t batch = 5'000);

}  // namespace telltale::store
