#include "audit/export.hpp"

#include "audit/test_support.hpp"

namespace telltale::audit {
namespace {

class ExportTest : public AuditTest {
 protected:
  std::string text(Query query, ExportFormat format, std::int64_t end = 1'000'000) {
    return run(store->read([&](store::Connection& db) -> base::Result<std::string> {
             Export from(std::move(query), format, end);
             std::string out;
             for (;;) {
               auto piece = from.next(db);
               if (!piece || piece->empty()) return piece ? base::Result<std::string>(out) : piece;
               out += *piece;
             }
           }))
        .value();
  }
  static std::ptrdiff_t lines(const std::string& text) { return std::ranges::count(text, '\n'); }
};

TEST_F(ExportTest, ExactlyTheFilteredEntriesInEveryFormat) {
  open();
  for (int i = 1; i <= 1203; ++i) ASSERT_TRUE(append(i));  // more than two slices
  EXPECT_EQ(lines(text({}, ExportFormat::ndjson)), 1203);
  EXPECT_EQ(lines(text({}, ExportFormat::csv)), 1204) << "with the names of the columns";
  const auto all = base::parse_json(text({}, ExportFormat::json));
  ASSERT_TRUE(all && all->is_array());
  EXPECT_EQ(all->get_array().size(), 1203U);
  EXPECT_EQ(all->get_array().front().at("seq").to_number<int>(), 1) << "oldest first";
  EXPECT_EQ(lines(text({.text = "ENTRY 120"}, ExportFormat::ndjson)), 5) << "120 and 1200 to 1203";
  EXPECT_EQ(lines(text({.action = "fleet.*"}, ExportFormat::ndjson)), 1203);
  EXPECT_EQ(lines(text({.action = "fleet"}, ExportFormat::ndjson)), 0);
  EXPECT_EQ(lines(text({.action = "users.*"}, ExportFormat::csv)), 1);
  EXPECT_EQ(text({.outcome = "refused"}, ExportFormat::json), "[]\n");
}

TEST_F(ExportTest, ReadTwiceItIsTheSameWhateverCameMeanwhile) {
  open();
  for (int i = 1; i <= 500; ++i) ASSERT_TRUE(append(i));  // exactly a slice
  const auto first = text({}, ExportFormat::json, 500);
  ASSERT_TRUE(append(501));
  EXPECT_EQ(text({}, ExportFormat::json, 500), first);
  EXPECT_EQ(base::parse_json(first)->get_array().size(), 500U);
}

TEST_F(ExportTest, ACellIsNoFormula) {
  open();
  ASSERT_TRUE(run(log->append({.actor = "=cmd|'/c calc'!A1", .action = "auth.login"})));
  EXPECT_NE(text({}, ExportFormat::csv).find(",'=cmd|"), std::string::npos);
}

}  // namespace
}  // namespace telltale::audit
