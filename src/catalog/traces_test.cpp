// What an operation did when: its spans, found by its trace id.
#include "catalog/dispatcher.hpp"
#include "catalog/test_support.hpp"

namespace telltale::catalog {
namespace {

TEST_F(DispatcherTest, AChangeSaysWhatItDidWhileItRunsAndLater) {
  const auto names = [](const JsonObject& record) {
    Lines out;
    if (const auto* spans = record.if_contains("spans"))
      for (const auto& span : spans->get_array())
        out.push_back(base::string_or(span.get_object(), "name"));
    return out;
  };
  const auto begun = call(call_of("test.slow", 5ms));
  await_entered();
  const auto trace_id = base::string_or(described(begun.operation_id, 0s), "trace_id");
  EXPECT_EQ(names(dispatcher->of_trace(trace_id).at(0)), (Lines{"admission", "audit"}));
  open_gate();
  EXPECT_EQ(described(begun.operation_id).at("status"), "completed");
  begin_a_new_life();
  EXPECT_EQ(names(described(begun.operation_id)), (Lines{"admission", "audit"}))
      << "from the store";
  EXPECT_EQ(dispatcher->of_trace("none").size(), 0U);
}

}  // namespace
}  // namespace telltale::catalog
