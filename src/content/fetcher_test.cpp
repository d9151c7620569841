// The Fetcher over gateways of our own, by real sockets: who is asked, how often, what is believed.
#include "content/fetcher.hpp"

#include "content/testing.hpp"

namespace telltale::content {
namespace {

using namespace std::chrono_literals;
using testing_support::GatewayServer;
using Mood = GatewayServer::Mood;

class FetcherTest : public testing::Test {
 protected:
  FetcherTest() {
    runtime.start();
    first = std::make_unique<GatewayServer>(runtime);
    second = std::make_unique<GatewayServer>(runtime);
  }
  ~FetcherTest() override {
    first->let_go();
    second->let_go();
    if (fetcher) on_loop(stop(fetcher.get()));
    fetcher.reset();
    first.reset();
    second.reset();
    runtime.stop();
  }
  void open(FetchSettings settings = {}) {
    if (settings.gateways.empty()) settings.gateways = {first->url(), second->url()};
    auto made = Fetcher::make(
        runtime.loop(0), std::move(settings),
        [this](Cid cid, Block block) { return keep(this, cid, std::move(block)); },
        [this](const std::string& gateway, const base::Error&) { accused.push_back(gateway); });
    ASSERT_TRUE(made);
    fetcher = std::move(*made);
  }
  static runtime::Task<> keep(FetcherTest* test, Cid cid, Block) {
    test->kept.push_back(cid.hash);
    co_return;
  }
  static runtime::Task<bool> stop(Fetcher* fetcher) {
    co_await fetcher->stop();
    co_return true;
  }
  template <class T>
  T on_loop(runtime::Task<T> task) {
    runtime::TaskGroup unused(runtime.loop(0), "test");
    return *runtime::run_to_completion(runtime.loop(0), unused, "test", std::move(task));
  }
  base::Result<Block> fetch(const Cid& cid) { return on_loop(fetcher->fetch(cid)); }
  static runtime::Task<bool> begin(Fetcher* fetcher, std::vector<Cid> cids,
                                   BlockSource::Told told) {
    for (const auto& cid : cids) fetcher->want(cid, told);
    co_return true;
  }
  void want(std::vector<Cid> cids, BlockSource::Told told = {}) {
    on_loop(begin(fetcher.get(), std::move(cids), std::move(told)));
  }
  Cid raw(GatewayServer& gateway, const std::string& bytes) {
    const auto cid = cid_of(1, Codec::raw, bytes);
    gateway.put(cid, bytes);
    return cid;
  }
  GatewayStats stats(std::size_t gateway) const { return fetcher->stats().at(gateway); }

  runtime::Runtime runtime{1};
  std::unique_ptr<GatewayServer> first, second;
  std::unique_ptr<Fetcher> fetcher;
  std::vector<Hash> kept;  // on the loop
  std::vector<std::string> accused;
};

TEST_F(FetcherTest, TheFirstThatHasItIsBelievedAndNobodyElseAsked) {
  open();
  const auto cid = raw(*first, "abc");
  const auto block = fetch(cid);
  ASSERT_TRUE(block) << block.error().detail;
  EXPECT_EQ(**block, "abc");
  EXPECT_EQ(kept, std::vector<Hash>{cid.hash});
  EXPECT_EQ(second->asked().all, 0);
  EXPECT_EQ(stats(0).blocks, 1U);
  EXPECT_EQ(stats(0).bytes, 3U);
}

TEST_F(FetcherTest, WhoHasItNotSendsToTheNext) {
  open();
  const auto cid = raw(*second, "abc");
  EXPECT_TRUE(fetch(cid));
  EXPECT_EQ(stats(0).missing, 1U);
  EXPECT_EQ(stats(0).put_aside_seconds, 0) << "it is no fault not to have it";
  const auto nowhere = fetch(cid_of(1, Codec::raw, "nowhere"));
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, base::Code::not_found);
}

TEST_F(FetcherTest, WrongBytesAreNotBelievedAndTheirSenderIsNamedAndLeftAlone) {
  open();
  const auto cid = raw(*first, "abc");
  raw(*second, "abc");
  const auto another = raw(*first, "def");
  raw(*second, "def");
  first->be(Mood::lying);
  const auto block = fetch(cid);
  ASSERT_TRUE(block) << block.error().detail;
  EXPECT_EQ(**block, "abc");
  EXPECT_EQ(accused, std::vector<std::string>{first->url()});
  EXPECT_EQ(stats(0).wrong, 1U);
  EXPECT_GT(stats(0).put_aside_seconds, 500);
  EXPECT_TRUE(fetch(another));
  EXPECT_EQ(first->asked().all, 1) << "it is not asked again";
}

TEST_F(FetcherTest, AFaultIsToldInWordsAndAsksTheOther) {
  open();
  const auto cid = raw(*first, "abc");
  first->be(Mood::failing);
  second->be(Mood::failing);
  const auto none = fetch(cid);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, base::Code::unavailable);
  EXPECT_NE(none.error().detail.find("500"), std::string::npos) << none.error().detail;
  EXPECT_EQ(stats(0).failures, 1U);
  first->be(Mood::honest);
  EXPECT_TRUE(fetch(cid))
      << "when all are put aside, those that only failed are asked all the same";
}

TEST_F(FetcherTest, ManyWhoWaitAreOneQuestion) {
  open();
  const auto cid = raw(*first, "abc");
  first->hold();
  base::Monitor<int> told;
  const auto count = [&](bool came, base::Duration took) {
    EXPECT_TRUE(came);
    EXPECT_GE(took, base::Duration::zero());
    told.change([](int& all) { ++all; });
  };
  want({cid, cid, cid}, count);
  EXPECT_TRUE(first->wait_for_questions(1));
  first->let_go();
  EXPECT_TRUE(fetch(cid));
  EXPECT_EQ(first->asked().all, kept.size() == 1U ? 1 : 2) << "at most one more, after it had come";
  EXPECT_TRUE(told.wait_for(
      30s, [](const int& all) { return all >= 1; }, [](const int& all) { return all == 1; }))
      << "told once: by the one that began it";
}

TEST_F(FetcherTest, WhatDoesNotComeIsToldToo) {
  open();
  base::Monitor<int> failed;
  want({cid_of(1, Codec::raw, "nowhere")}, [&](bool came, base::Duration) {
    EXPECT_FALSE(came);
    failed.change([](int& all) { ++all; });
  });
  EXPECT_TRUE(failed.wait_for(
      30s, [](const int& all) { return all > 0; }, [](const int& all) { return all == 1; }));
}

TEST_F(FetcherTest, NoMoreAtOnceThanIsAllowed) {
  open({.gateways = {first->url()}, .concurrent = 3, .waiting = 10});
  std::vector<Cid> cids;
  cids.reserve(12);
  for (int i = 0; i < 12; ++i) cids.push_back(raw(*first, "block " + std::to_string(i)));
  first->hold();
  want({cids.begin(), cids.begin() + 10});
  EXPECT_TRUE(first->wait_for_questions(3));
  const auto one_more = fetch(cids[10]);
  ASSERT_FALSE(one_more) << "ten may wait";
  EXPECT_EQ(one_more.error().code, base::Code::unavailable);
  first->let_go();
  EXPECT_TRUE(first->wait_for_questions(10));
  EXPECT_TRUE(fetch(cids[9]));
  EXPECT_EQ(first->asked().at_once_most, 3);
  EXPECT_TRUE(fetch(cids[11])) << "there is room again";
}

TEST_F(FetcherTest, WithoutGatewaysItSaysSo) {
  auto made = Fetcher::make(runtime.loop(0), {}, nullptr, nullptr);
  ASSERT_TRUE(made);
  fetcher = std::move(*made);
  EXPECT_FALSE(fetcher->has_gateways());
  const auto none = fetch(cid_of(1, Codec::raw, "x"));
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().detail.find("--ipfs-gateway"), std::string::npos);
  EXPECT_FALSE(Fetcher::make(runtime.loop(0), {.gateways = {"ftp://x"}}, nullptr, nullptr));
}

}  // namespace
}  // namespace telltale::content
