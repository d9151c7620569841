// Chat and annotations over a real store: who reads what, who may change what, what is kept.
#include "presence/engine.hpp"

#include <gtest/gtest.h>

#include "presence/annotations.hpp"
#include "presence/chat.hpp"
#include "store/test_support.hpp"

namespace telltale::presence {
namespace {

using namespace std::chrono_literals;

runtime::Actor actor(std::string name, std::vector<std::string> servers = {"*"},
                     std::vector<std::string> more = {}) {
  runtime::Actor out{.id = "id-" + name, .name = name, .role = "test"};
  more.insert(more.end(), {"presence:read", "presence:chat", "metrics:read", "annotations:write"});
  out.rights = std::make_shared<const runtime::Rights>(
      std::vector<runtime::Grant>{{.permissions = {"fleet:read"}, .servers = std::move(servers)},
                                  {.permissions = std::move(more)}});
  return out;
}

class EngineTest : public store::StoreTest {
 protected:
  std::string said(const runtime::Actor& who, std::string room, std::string text) {
    auto made = run(Chat::say(&chat, who, std::move(room), std::move(text)));
    EXPECT_TRUE(made) << made.error().detail;
    return made ? base::string_or(*made, "id") : "";
  }
  base::JsonArray read(const runtime::Actor& who, std::string room) {
    return run(Chat::list(&chat, who, std::move(room), "", 50)).value_or(base::JsonArray());
  }
  std::string written(const runtime::Actor& who, std::string page, std::string chart) {
    const auto now = engine.now();
    auto made = run(Annotations::create(&notes, who, std::move(page), std::move(chart),
                                        {.from = now, .to = now, .text = "here it began"}));
    EXPECT_TRUE(made) << made.error().detail;
    return made ? base::string_or(*made, "id") : "";
  }
  base::JsonArray notes_for(const runtime::Actor& who) {
    return *run(Annotations::list(
        &notes, who,
        {.page = "", .chart = "", .from = base::WallTime(), .to = base::WallTime::max()}));
  }
  // What a tab of that person is told.
  struct Ear {
    std::unique_ptr<Seat> seat;
    std::shared_ptr<base::Guarded<std::string>> heard =
        std::make_shared<base::Guarded<std::string>>();
    std::string all() const {
      return heard->with([](const std::string& text) { return text; });
    }
  };
  Ear listen(const runtime::Actor& who) {
    Ear ear;
    ear.seat = std::move(*engine.enter(who, [heard = ear.heard](Kind, const Text& text) {
      heard->with([&](std::string& all) { all += *text + "\n"; });
    }));
    ear.seat->hear(kEverything);
    return ear;
  }

  Engine engine{{}, {.loop = loop(), .store = *store_, .servers = [] {
                       return std::vector<std::string>{"files", "secret"};
                     }}};
  Chat chat{engine};
  Annotations notes{engine};
  runtime::Actor ada = actor("ada"), eve = actor("eve", {"files"}),
                 admin = actor("root", {"*"}, {"users:manage"});
};

TEST_F(EngineTest, ARoomOfAServerIsForWhoSeesItAndLinksAreForTheirReaders) {
  const auto at_ada = listen(ada), at_eve = listen(eve);
  said(ada, "/servers/secret", "only for us");
  said(ada, "", "look at /servers/secret and /servers/files");
  EXPECT_EQ(read(ada, "/servers/secret").size(), 1U);
  EXPECT_EQ(run(Chat::list(&chat, eve, "/servers/secret", "", 50)).error().fields[0].pointer,
            "/room");
  EXPECT_EQ(run(Chat::say(&chat, eve, "/servers/secret", "x")).error().fields[0].pointer, "/room");
  EXPECT_EQ(read(eve, "")[0].at("text"), "look at [elsewhere] and /servers/files");
  EXPECT_NE(at_ada.all().find("only for us"), std::string::npos);
  EXPECT_EQ(at_eve.all().find("only for us"), std::string::npos);
  EXPECT_EQ(at_eve.all().find("secret"), std::string::npos);
  EXPECT_NE(at_eve.all().find("[elsewhere]"), std::string::npos);
}

TEST_F(EngineTest, OnesOwnMessagesCanBeDeletedAndAdminsDeleteAny) {
  const auto mine = said(ada, "", "one"), other = said(ada, "", "two"),
             hidden = said(ada, "/servers/secret", "three");
  EXPECT_EQ(run(Chat::remove(&chat, eve, mine)).error().code, base::Code::permission_denied);
  EXPECT_EQ(run(Chat::remove(&chat, eve, hidden)).error().code, base::Code::not_found);
  EXPECT_TRUE(run(Chat::remove(&chat, ada, mine)));
  EXPECT_TRUE(run(Chat::remove(&chat, admin, other)));
  EXPECT_TRUE(read(ada, "").empty());
}

TEST_F(EngineTest, OldMessagesGo) {
  said(ada, "", "old");
  clock_.advance(31 * 24h);
  store_
      ->write_now([](store::Connection& db) -> base::Result<void> {
        return store::save_chat(
            db, {.id = "msg_z", .text = "new", .time = base::from_unix_ms(1'800'000'000'000)});
      })
      .value();
  EXPECT_EQ(count("SELECT count(*) FROM chat"), 1);
}

TEST_F(EngineTest, NobodyWritesFasterThanPeopleDo) {
  for (int i = 0; i < 20; ++i) said(ada, "", "x");
  const auto more = run(Chat::say(&chat, ada, "", "x"));
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, base::Code::rate_limited);
  EXPECT_TRUE(run(Chat::say(&chat, eve, "", "x"))) << "others may";
}

TEST_F(EngineTest, AnnotationsAreForWhoSeesThePageAndTheSeries) {
  const auto at_eve = listen(eve);
  written(ada, "/servers/secret", "");
  written(ada, "/analytics", "calls{server=\"secret\"}");
  EXPECT_TRUE(notes_for(eve).empty());
  EXPECT_EQ(at_eve.all().find("annotation"), std::string::npos);
  const auto open = written(ada, "/", "Latency");
  EXPECT_EQ(notes_for(eve).size(), 1U);
  EXPECT_EQ(notes_for(ada).size(), 3U);
  EXPECT_NE(at_eve.all().find(open), std::string::npos);
  EXPECT_EQ(run(Annotations::create(&notes, eve, "/servers/secret", "", {})).error().code,
            base::Code::invalid_argument);
  auto blind = actor("blind");
  blind.rights =
      std::make_shared<const runtime::Rights>(runtime::Rights::of({"fleet:read", "presence:read"}));
  EXPECT_TRUE(notes_for(blind).empty()) << "a chart is of metrics";
}

TEST_F(EngineTest, AnAnnotationIsItsAuthorsAndComesBackOnceRemoved) {
  const auto id = written(ada, "/", "Latency"), hidden = written(ada, "/servers/secret", "");
  const AnnotationWords words{.from = engine.now(), .to = engine.now(), .text = "no, here"};
  EXPECT_EQ(run(Annotations::change(&notes, eve, id, words)).error().code,
            base::Code::permission_denied);
  EXPECT_EQ(run(Annotations::change(&notes, eve, hidden, words)).error().code,
            base::Code::not_found);
  EXPECT_EQ(base::string_or(*run(Annotations::change(&notes, ada, id, words)), "text"), "no, here");
  EXPECT_TRUE(run(Annotations::change(&notes, admin, id, std::nullopt)));
  EXPECT_EQ(notes_for(ada).size(), 1U);
  EXPECT_EQ(run(Annotations::change(&notes, ada, id, words)).error().code, base::Code::not_found);
  EXPECT_TRUE(run(Annotations::restore(&notes, ada, id)));
  EXPECT_EQ(notes_for(ada).size(), 2U);
}

TEST_F(EngineTest, AWaitingCursorIsSentByTheTimer) {
  loop().post([this] { engine.start(); });
  auto at_ada = listen(ada), at_bob = listen(actor("bob"));
  for (auto* ear : {&at_ada, &at_bob}) ASSERT_TRUE(ear->seat->take("presence", {{"page", "/"}}));
  const auto move = [&](double x) {
    return at_ada.seat->take("cursor", {{"action", "cursor"},
                                        {"page", "/"},
                                        {"anchor", {{"element", "e"}, {"x", x}, {"y", 0.5}}}});
  };
  ASSERT_TRUE(move(0.25));
  ASSERT_TRUE(move(0.75));
  EXPECT_NE(at_bob.all().find("2.5E-1"), std::string::npos) << at_bob.all();
  while (at_bob.all().find("7.5E-1") == std::string::npos) std::this_thread::yield();
  run([](Engine* one) -> runtime::Task<bool> {
    co_await one->stop();
    co_return true;
  }(&engine));
}

TEST_F(EngineTest, ABadFieldIsNamed) {
  auto ear = listen(ada);
  const auto wrong = ear.seat->take("presence", {{"page", "/"}, {"scroll", 7}, {"nosuch", 1}});
  ASSERT_FALSE(wrong);
  ASSERT_EQ(wrong.error().fields.size(), 2U);
  EXPECT_EQ(wrong.error().fields[0].pointer, "/scroll");
  EXPECT_EQ(wrong.error().fields[1].pointer, "/nosuch");
}

TEST_F(EngineTest, SwitchedOffItSaysSo) {
  Engine off{{.enabled = false}, {.loop = loop(), .store = *store_, .servers = {}}};
  Chat silent{off};
  EXPECT_EQ(off.enter(ada, {}).error().code, base::Code::unavailable);
  EXPECT_EQ(run(Chat::say(&silent, ada, "", "x")).error().code, base::Code::unavailable);
}

}  // namespace
}  // namespace telltale::presence
