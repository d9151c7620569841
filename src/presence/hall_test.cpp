// Who is told what of whom, under a clock that the test moves: joins, leaves, cursors that are
// coalesced, following, and above all what is not for everybody.
#include "presence/hall.hpp"

#include <gtest/gtest.h>

namespace telltale::presence {
namespace {

using namespace std::chrono_literals;

runtime::Actor actor(std::string name, std::vector<std::string> servers = {"*"}) {
  runtime::Actor out{.id = "id-" + name, .name = name, .role = "test"};
  out.rights = std::make_shared<const runtime::Rights>(
      std::vector<runtime::Grant>{{.permissions = {"fleet:read"}, .servers = std::move(servers)},
                                  {.permissions = {"presence:read", "metrics:read"}}});
  return out;
}

struct Heard {
  Kind kind;
  base::JsonObject data;
};

class HallTest : public testing::Test {
 protected:
  explicit HallTest(bool mutual = false) : hall(clock, sight, {.mutual = mutual}) {}

  struct Tab {
    std::string id;
    std::vector<Heard> heard;
  };
  Tab* open(const runtime::Actor& who, std::string page = "/", unsigned hears = kEverything) {
    auto tab = std::make_unique<Tab>();
    auto id = hall.enter(who, [at = tab.get()](Kind kind, const Text& text) {
      at->heard.push_back({kind, base::parse_json(*text)->at("data").as_object()});
    });
    EXPECT_TRUE(id);
    tab->id = *id;
    hall.hear(tab->id, hears);
    if (!page.empty()) go(tab.get(), std::move(page));
    tabs.push_back(std::move(tab));
    return tabs.back().get();
  }
  void go(Tab* tab, std::string page) {
    const auto done = hall.place(tab->id, {.page = std::move(page)});
    EXPECT_TRUE(done) << done.error().detail;
  }
  static std::vector<base::JsonObject> take(Tab* tab, Kind kind, std::string_view event = "") {
    std::vector<base::JsonObject> out;
    for (const auto& one : tab->heard)
      if (one.kind == kind && (event.empty() || base::string_or(one.data, "event") == event))
        out.push_back(one.data);
    tab->heard.clear();
    return out;
  }
  static Cursor at(std::string page, std::string element, double x = 0.5) {
    return {.page = std::move(page),
            .anchor = Anchor{.element = std::move(element), .x = x, .y = 0.5}};
  }
  // All that a tab has ever been told, as text.
  static std::string all(const Tab* tab) {
    std::string out;
    for (const auto& one : tab->heard) out += base::write_json(one.data) + "\n";
    return out;
  }

  base::VirtualClock clock;
  Sight sight{[] { return std::vector<std::string>{"files", "secret"}; }};
  Hall hall;
  std::vector<std::unique_ptr<Tab>> tabs;
};

class MutualHallTest : public HallTest {
 protected:
  MutualHallTest() : HallTest(true) {}
};

TEST_F(HallTest, WhoComesIsToldToTheOthersAndWhoGoesToo) {
  auto* ada = open(actor("ada"));
  auto* eve = open(actor("eve"), "/servers/files");
  const auto joined = take(ada, Kind::presence, "joined");
  ASSERT_EQ(joined.size(), 1U);
  EXPECT_EQ(joined[0].at("person").at("user"), "eve");
  EXPECT_EQ(joined[0].at("person").at("page"), "/servers/files");
  const auto list = take(eve, Kind::presence, "list");
  EXPECT_EQ(list.back().at("people").at(0).at("user"), "ada");
  hall.leave(eve->id);
  const auto left = take(ada, Kind::presence);
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].at("id"), base::Json(eve->id));
  EXPECT_EQ(hall.people(actor("x")).size(), 1U);
  hall.leave(ada->id);
  EXPECT_EQ(hall.stats().sockets, 0U);
}

TEST_F(HallTest, APageOneMayNotSeeIsElsewhere) {
  auto* eve = open(actor("eve", {"files"}));
  auto* ada = open(actor("ada"), "/servers/secret");
  go(ada, "/servers/files");
  go(ada, "/servers/secret");
  EXPECT_EQ(all(eve).find("secret"), std::string::npos) << all(eve);
  const auto told = take(eve, Kind::presence, "changed");
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].at("person").at("page"), "/servers/files");
  EXPECT_TRUE(told[1].at("person").at("page").is_null());
  EXPECT_EQ(told[1].at("person").at("elsewhere"), true);
  EXPECT_TRUE(hall.people(actor("eve", {"files"}))[1].at("page").is_null() ||
              hall.people(actor("eve", {"files"}))[0].at("page").is_null());
}

TEST_F(HallTest, WhereSomebodyMayNotBeTellsNothingOfIt) {
  auto* ada = open(actor("ada"));
  auto* eve = open(actor("eve", {"files"}), "/servers/secret");  // claims it
  EXPECT_EQ(all(ada).find("secret"), std::string::npos);
  hall.leave(eve->id);
}

TEST_F(HallTest, CursorsGoOnlyToThePageAndOnlyWhereTheirAnchorIsSeen) {
  auto* ada = open(actor("ada"), "/servers");
  auto* bob = open(actor("bob"), "/servers");
  auto* eve = open(actor("eve", {"files"}), "/servers");
  auto* far = open(actor("far"), "/logs");
  for (auto* tab : {bob, eve, far}) tab->heard.clear();
  ASSERT_TRUE(hall.cursor(ada->id, at("/servers", "server-row-secret")));
  EXPECT_EQ(all(eve).find("secret"), std::string::npos);
  EXPECT_TRUE(take(far, Kind::cursor).empty());
  const auto seen = take(bob, Kind::cursor);
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].at("anchor").at("element"), "server-row-secret");
  EXPECT_FALSE(seen[0].at("anchor").as_object().contains("chart")) << "what is not there is not";
  const auto hidden = take(eve, Kind::cursor);
  ASSERT_EQ(hidden.size(), 1U);
  EXPECT_TRUE(hidden[0].at("anchor").is_null());
  clock.advance(50ms);
  ASSERT_TRUE(hall.cursor(ada->id, at("/servers", "server-row-files")));
  EXPECT_FALSE(take(eve, Kind::cursor)[0].at("anchor").is_null());
}

TEST_F(HallTest, ASelectionOnAChartOfAHiddenServerIsNotTold) {
  auto* ada = open(actor("ada"), "/analytics");
  auto* eve = open(actor("eve", {"files"}), "/analytics");
  eve->heard.clear();
  ASSERT_TRUE(hall.cursor(
      ada->id, {.page = "/analytics",
                .anchor = std::nullopt,
                .selection = Selection{.chart = "up{server=\"secret\"}", .from = 10, .to = 20}}));
  EXPECT_EQ(all(eve).find("secret"), std::string::npos);
  EXPECT_TRUE(take(eve, Kind::cursor)[0].at("selection").is_null());
}

TEST_F(HallTest, CursorsComeTwentyASecondAndTheLastOneCounts) {
  auto* ada = open(actor("ada"));
  auto* bob = open(actor("bob"));
  bob->heard.clear();
  for (int i = 0; i < 100; ++i) {  // a second, a hundred of them
    ASSERT_TRUE(hall.cursor(ada->id, at("/", "x", i / 100.0)));
    clock.advance(10ms);
    if (const auto due = hall.next_deadline(); due && *due <= clock.now()) hall.flush();
  }
  const auto told = take(bob, Kind::cursor);
  EXPECT_LE(told.size(), 21U);
  EXPECT_GE(told.size(), 19U);
  clock.advance(50ms);
  hall.flush();
  const auto last = take(bob, Kind::cursor);
  EXPECT_EQ((last.empty() ? told : last).back().at("anchor").at("x").to_number<double>(), 0.99);
  EXPECT_FALSE(hall.next_deadline());
  EXPECT_GT(hall.stats().coalesced, 50U);
}

TEST_F(HallTest, TwoTabsOfOneUserShareItsRate) {
  auto* one = open(actor("ada"));
  auto* two = open(actor("ada"));
  auto* bob = open(actor("bob"));
  bob->heard.clear();
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(hall.cursor(one->id, at("/", "x")));
    ASSERT_TRUE(hall.cursor(two->id, at("/", "x")));
    clock.advance(10ms);
    hall.flush();
  }
  EXPECT_LE(take(bob, Kind::cursor).size(), 22U);
}

TEST_F(HallTest, ACursorMustBeOnThePageOneIsOn) {
  auto* ada = open(actor("ada"));
  const auto wrong = hall.cursor(ada->id, at("/logs", "x"));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().fields[0].pointer, "/page");
  auto both = at("/", "x");
  both.anchor->chart = "y";
  EXPECT_EQ(hall.cursor(ada->id, both).error().fields[0].pointer, "/anchor");
  EXPECT_EQ(hall.place(ada->id, {.page = "//evil"}).error().fields[0].pointer, "/page");
}

TEST_F(HallTest, TheInvisibleSeeAndAreNotSeen) {
  auto* bob = open(actor("bob"));
  auto* ada = open(actor("ada"));
  bob->heard.clear();
  ASSERT_TRUE(hall.place(ada->id, {.page = "/logs", .invisible = true}));
  const auto told = take(bob, Kind::presence);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].at("event"), "left");
  EXPECT_EQ(hall.people(actor("x")).size(), 1U);
  ASSERT_TRUE(hall.cursor(ada->id, at("/logs", "x")));
  go(bob, "/logs");
  EXPECT_EQ(take(ada, Kind::presence).back().at("person").at("user"), "bob");
  EXPECT_TRUE(take(bob, Kind::cursor).empty());
  EXPECT_EQ(hall.follow(ada->id, {.id = bob->id}).error().code, base::Code::conflict);
}

TEST_F(MutualHallTest, TheInvisibleSeeNobody) {
  auto* bob = open(actor("bob"));
  auto* ada = open(actor("ada"));
  ASSERT_TRUE(hall.place(ada->id, {.page = "/", .invisible = true}));
  EXPECT_TRUE(take(ada, Kind::presence).back().at("people").as_array().empty());
  go(bob, "/logs");
  ASSERT_TRUE(hall.cursor(bob->id, at("/logs", "x")));
  EXPECT_TRUE(ada->heard.empty());
  EXPECT_TRUE(hall.people(actor("ada")).empty());
}

TEST_F(HallTest, FollowingIsSeenByTheFollowedAndCanBeRefused) {
  auto* ada = open(actor("ada"));
  auto* bob = open(actor("bob"), "/logs");
  auto* eve = open(actor("eve"));
  for (auto* tab : {ada, bob, eve}) tab->heard.clear();
  ASSERT_TRUE(hall.follow(ada->id, {.id = bob->id}));
  EXPECT_EQ(take(bob, Kind::presence)[0].at("person").at("follows_you"), true);
  EXPECT_TRUE(eve->heard.empty()) << "who follows whom is between the two";
  EXPECT_EQ(take(ada, Kind::presence, "view")[0].at("page"), "/logs");
  ASSERT_TRUE(hall.place(bob->id, {.page = "/logs", .query = "q=x", .scroll = 0.5}));
  const auto view = take(ada, Kind::presence, "view");
  ASSERT_EQ(view.size(), 1U);
  EXPECT_EQ(view[0].at("query"), "q=x");
  EXPECT_TRUE(take(eve, Kind::presence, "view").empty());
  ASSERT_TRUE(hall.refuse(bob->id, {.id = ada->id}));
  EXPECT_EQ(take(ada, Kind::presence, "refused").size(), 1U);
  EXPECT_EQ(hall.follow(ada->id, {.id = bob->id}).error().code, base::Code::permission_denied);
  auto* again = open(actor("ada"));
  EXPECT_FALSE(hall.follow(again->id, {.id = bob->id})) << "not by another tab either";
  go(bob, "/servers");
  EXPECT_TRUE(take(ada, Kind::presence, "view").empty());
}

TEST_F(HallTest, AFollowerDoesNotGetAViewThatIsNotForHim) {
  auto* eve = open(actor("eve", {"files"}));
  auto* ada = open(actor("ada"), "/logs");
  ASSERT_TRUE(hall.follow(eve->id, {.id = ada->id}));
  ASSERT_TRUE(hall.place(ada->id, {.page = "/logs", .query = "server=secret"}));
  ASSERT_TRUE(hall.place(ada->id, {.page = "/logs", .query = "server=sec%72et"}));
  EXPECT_EQ(all(eve).find("sec"), std::string::npos) << all(eve);
  EXPECT_EQ(take(eve, Kind::presence, "view").back().at("elsewhere"), true);
}

TEST_F(HallTest, RightsThatAreTakenAwayTakeAtOnce) {
  auto* eve = open(actor("eve"));
  open(actor("ada"), "/servers/secret");
  eve->heard.clear();
  hall.renew(eve->id, actor("eve", {"files"}));
  EXPECT_TRUE(take(eve, Kind::presence, "list")[0].at("people").at(0).at("page").is_null());
}

TEST_F(HallTest, NobodyTakesMoreThanHisShare) {
  for (std::size_t i = 0; i < Hall::kPerUserMax; ++i) open(actor("ada"), "", 0);
  const auto more = hall.enter(actor("ada"), [](Kind, const Text&) {});
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, base::Code::rate_limited);
  EXPECT_TRUE(hall.enter(actor("bob"), [](Kind, const Text&) {}));
}

TEST(Sight, LinksOfWhatOneMayNotSeeAreHidden) {
  const Sight sight([] { return std::vector<std::string>{"files", "secret"}; });
  const auto eve = actor("eve", {"files"});
  EXPECT_EQ(sight.links(eve, "see /servers/secret, and/or (/servers/files)!"),
            "see [elsewhere] and/or (/servers/files)!");
  EXPECT_EQ(sight.links(eve, "http://h:1/logs?server=secret\n/audit 1/2"),
            "[elsewhere]\n[elsewhere] 1/2");
  EXPECT_EQ(sight.links(actor("ada"), "/servers/secret"), "/servers/secret");
}

TEST(Sight, APageNeedsItsPermissionAndEveryServerItNames) {
  const Sight sight([] { return std::vector<std::string>{"files", "secret"}; });
  const auto eve = actor("eve", {"files"});
  EXPECT_TRUE(sight.page(eve, "/"));
  EXPECT_TRUE(sight.page(eve, "/servers?q=sec"));
  EXPECT_FALSE(sight.page(eve, "/servers?q=secret"));
  EXPECT_FALSE(sight.page(eve, "/servers/secr%65t"));
  EXPECT_FALSE(sight.page(eve, "/servers/nosuch"));
  EXPECT_TRUE(sight.page(eve, "/servers/files"));
  EXPECT_FALSE(sight.page(eve, "/audit"));
  EXPECT_FALSE(sight.page(actor("ada"), "/nosuch"));
  EXPECT_TRUE(sight.text(eve, "secretary"));
}

}  // namespace
}  // namespace telltale::presence
