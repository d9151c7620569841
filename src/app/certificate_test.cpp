#include "app/certificate.hpp"

#include <gtest/gtest.h>

namespace telltale::app {
namespace {

using namespace std::chrono_literals;

TEST(Certificate, WarnsThirtySevenAndOneDayBeforeTheEnd) {
  const auto now = base::from_unix_ms(1'800'000'000'000);
  struct Row {
    std::chrono::milliseconds left;
    std::optional<int> line;
  };
  for (const auto& row :
       {Row{31 * 24h, {}}, Row{30 * 24h + 1ms, {}}, Row{30 * 24h, 30}, Row{8 * 24h, 30},
        Row{7 * 24h, 7}, Row{25h, 7}, Row{24h, 1}, Row{1ms, 1}, Row{0ms, 0}, Row{-90 * 24h, 0}})
    EXPECT_EQ(expiry_warning(now + row.left, now), row.line) << row.left.count();
}

}  // namespace
}  // namespace telltale::app
