#include "store/traces.hpp"

#include "store/test_support.hpp"

namespace telltale::store {
namespace {

using namespace std::chrono_literals;

class TracesTest : public StoreTest {
 protected:
  void keep(const std::string& id, const std::string& trace, base::Duration after,
            const std::string& status = "completed", double ms = 10) {
    const auto start = clock_.wall() + std::chrono::duration_cast<std::chrono::milliseconds>(after);
    ASSERT_TRUE(run(store_->write("test", [=](Connection& db) {
      return upsert_operation(db, {.operation_id = id,
                                   .operation = "fleet.tool_call",
                                   .actor = "ada",
                                   .subject = trace,
                                   .arguments = base::JsonObject(),
                                   .status = status,
                                   .start_time = start,
                                   .end_time = start,
                                   .duration_ms = ms,
                                   .result = nullptr,
                                   .error = nullptr,
                                   .trace_id = trace,
                                   .spans = "[[\"wait\",\"\",0,1,-1,1]]"});
    })));
  }
  std::vector<TraceRecord> list(TraceQuery query = {}) {
    query.from = clock_.wall() - 1h;
    query.to = clock_.wall() + 1h;
    return run(list_traces(*store_, std::move(query))).value();
  }
};

TEST_F(TracesTest, AnOperationIsFoundUnderTheFirstOfItsTrace) {
  keep("op_1", "a", 0s);
  keep("op_2", "b", 1s);
  keep("op_3", "a", 2s, "failed", 500);
  const auto all = list();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].first.operation_id, "op_2") << "newest first";
  EXPECT_EQ(all[0].operations, 1);
  EXPECT_EQ(all[1].first.operation_id, "op_1");
  EXPECT_EQ(all[1].operations, 2);
  EXPECT_EQ(all[1].failed, 1);
  EXPECT_DOUBLE_EQ(all[1].duration_ms, 2500);
  EXPECT_NE(all[1].first.spans, "");
  const auto parts = run(trace_operations(*store_, "a", 10)).value();
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[1].operation_id, "op_3");
  EXPECT_EQ(parts[1].spans, "[[\"wait\",\"\",0,1,-1,1]]");
}

TEST_F(TracesTest, FiltersAndPages) {
  keep("op_1", "a", 0s);
  keep("op_2", "b", 1s, "failed", 300);
  keep("op_3", "c", 2s);
  const auto ids = [&](TraceQuery query) {
    std::string out;
    for (const auto& trace : list(std::move(query))) out += trace.first.operation_id + " ";
    return out;
  };
  EXPECT_EQ(ids({.failed_only = true}), "op_2 ");
  EXPECT_EQ(ids({.min_ms = 300}), "op_2 ");
  EXPECT_EQ(ids({.subject = "c"}), "op_3 ");
  EXPECT_EQ(ids({.actor = "bob"}), "");
  EXPECT_EQ(ids({.limit = 2}), "op_3 op_2 ");
  EXPECT_EQ(ids({.limit = 2, .before_id = "op_2"}), "op_1 ");
}

}  // namespace
}  // namespace telltale::store
