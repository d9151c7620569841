#include "catalog/task_watch.hpp"

#include <gtest/gtest.h>

namespace telltale::catalog {
namespace {

using namespace std::chrono_literals;

class TaskWatchTest : public testing::Test, public runtime::EventSink {
 public:
  void publish(runtime::Event event) override {
    seen.push_back(event.data.at("name").as_string().c_str() +
                   std::string(event.data.at("completed").as_bool() ? " ended" : " runs"));
  }

 protected:
  std::vector<std::string> look() {
    seen.clear();
    watch.look();
    return seen;
  }

  base::VirtualClock clock;
  runtime::TaskRegistry tasks{clock, 2};
  std::vector<std::string> seen;
  TaskWatch watch{tasks, *this, clock};
  using Seen = std::vector<std::string>;
};

TEST_F(TaskWatchTest, ALongTaskIsAnnouncedOnceAndItsEndToo) {
  const auto task = tasks.begin("long", "owner", "loop-0");
  EXPECT_EQ(look(), Seen{});
  clock.advance(600ms);
  EXPECT_EQ(look(), Seen{"long runs"});
  EXPECT_EQ(look(), Seen{});
  tasks.end(*task, "");
  EXPECT_EQ(look(), Seen{"long ended"});
  EXPECT_EQ(look(), Seen{});
}

TEST_F(TaskWatchTest, AShortTaskIsNotPublishedUnlessItFailed) {
  tasks.end(*tasks.begin("short", "owner", "loop-0"), "");
  tasks.end(*tasks.begin("broken", "owner", "loop-0"), "out of luck");
  EXPECT_EQ(look(), Seen{"broken ended"});
}

TEST_F(TaskWatchTest, TheEndOfAnAnnouncedTaskIsNeverLost) {
  const auto task = tasks.begin("long", "owner", "loop-0");
  clock.advance(600ms);
  EXPECT_EQ(look(), Seen{"long runs"});
  tasks.end(*task, "");
  for (int i = 0; i < 3; ++i) tasks.end(*tasks.begin("short", "owner", "loop-0"), "");
  EXPECT_EQ(look(), Seen{"long ended"});  // the registry keeps two ends and had forgotten it
}

}  // namespace
}  // namespace telltale::catalog
