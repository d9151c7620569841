// Shelf and Uploads over a real store and a real folder: what is pinned stays, over a restart too;
// what is not goes; pieces of an upload in their order, one at a time, each owner's own.
#include "content/shelf.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include "content/uploads.hpp"
#include "runtime/run.hpp"

namespace telltale::content {
namespace {

class Ignoring final : public runtime::EventSink {
 public:
  void publish(runtime::Event) override {}
};

class ShelfTest : public testing::Test {
 protected:
  ShelfTest() {
    std::string pattern = "/tmp/telltale-shelf-XXXXXX";
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    runtime.start();
    open();
  }
  ~ShelfTest() override {
    close();
    runtime.stop();
    EXPECT_EQ(std::system(("rm -rf " + folder).c_str()), 0);
  }
  void open() {
    auto library_opened = Library::open({.disk = {.folder = folder + "/blocks"}}, runtime, events);
    ASSERT_TRUE(library_opened) << library_opened.error().detail;
    library = std::move(*library_opened);
    auto store_opened =
        store::Store::open({.path = folder + "/db"}, runtime.clock(), runtime.blocking());
    ASSERT_TRUE(store_opened) << store_opened.error().detail;
    store = std::move(*store_opened);
    shelf = std::make_unique<Shelf>(*library, *store);
    ASSERT_TRUE(shelf->load());
    uploads = std::make_unique<Uploads>(*library, *shelf);
  }
  void close() {
    on_loop(stop(library.get()));
    uploads.reset();
    shelf.reset();
    store.reset();
    library.reset();
  }
  static runtime::Task<bool> stop(Library* library) {
    co_await library->stop();
    co_return true;
  }
  template <class T>
  T on_loop(runtime::Task<T> task) {
    runtime::TaskGroup unused(runtime.loop(0), "test");
    return *runtime::run_to_completion(runtime.loop(0), unused, "test", std::move(task));
  }
  base::Result<store::ContentRoot> add(const std::string& bytes, ShelveOptions options = {}) {
    const auto import = std::make_shared<Import>(library->disk(), ImportOptions{.chunk_size = 10});
    EXPECT_TRUE(import->feed(bytes));
    EXPECT_TRUE(import->finish());
    return on_loop(shelf->shelve(import, std::move(options)));
  }
  static Cid cid_of_root(const store::ContentRoot& root) { return *parse_cid(root.cid); }
  std::uint64_t here(const store::ContentRoot& root) {
    return on_loop(shelf->blocks_here(cid_of_root(root))).value_or(999);
  }
  base::Result<std::uint64_t> piece(const std::string& id, std::uint64_t at,
                                    const std::string& bytes, const std::string& owner = "ada") {
    return on_loop(uploads->append(id, owner, at, std::make_shared<const std::string>(bytes)));
  }

  Ignoring events;
  runtime::Runtime runtime{1};
  std::string folder;
  std::unique_ptr<Library> library;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<Shelf> shelf;
  std::unique_ptr<Uploads> uploads;
};

TEST_F(ShelfTest, WhatIsPinnedStaysWhenTheRestIsCollectedAlsoAfterARestart) {
  const auto kept = add("this is kept, and has several blocks", {.name = "kept"});
  const auto cached = add("this is only a cache, with blocks of its own", {.pin = false});
  ASSERT_TRUE(kept && cached);
  EXPECT_TRUE(kept->pinned);
  EXPECT_EQ(kept->size, 36);
  EXPECT_EQ(here(*kept), 5U);
  close();
  open();
  const auto gone = on_loop(shelf->collect());
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->blocks, 6U);
  EXPECT_EQ(here(*kept), 5U);
  EXPECT_FALSE(library->has(cid_of_root(*cached).hash));
  const auto all = on_loop(shelf->list("", 10));
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 1U);
  EXPECT_EQ(all->front().name, "kept");
}

TEST_F(ShelfTest, BlocksThatAnotherHasPinnedStay) {
  const auto one = add("0123456789 one");
  const auto two = add("0123456789 two");
  ASSERT_TRUE(one && two);
  EXPECT_EQ(on_loop(shelf->remove(cid_of_root(*one))).error().code, base::Code::conflict);
  const auto unpinned = on_loop(shelf->unpin(cid_of_root(*one)));
  ASSERT_TRUE(unpinned);
  EXPECT_FALSE(unpinned->pinned);
  EXPECT_EQ(on_loop(shelf->unpin(cid_of_root(*one))).error().code, base::Code::not_found);
  const auto removed = on_loop(shelf->remove(cid_of_root(*one)));
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->blocks, 2U) << "its root and its own end; the beginning is the other's too";
  EXPECT_EQ(here(*two), 3U);
  EXPECT_EQ(on_loop(shelf->remove(cid_of_root(*one))).error().code, base::Code::not_found);
}

TEST_F(ShelfTest, PinningTwiceNeedsOneUnpinAndPinningNeedsAllOfIt) {
  const auto root = add("this is a cache at first", {.pin = false});
  ASSERT_TRUE(root);
  const auto pin = [&] {
    return on_loop(shelf->pin(cid_of_root(*root), {}, [](std::uint64_t, std::uint64_t) {}));
  };
  ASSERT_TRUE(pin());
  const auto again = pin();
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_TRUE(again->pinned);
  ASSERT_TRUE(on_loop(shelf->unpin(cid_of_root(*root))));
  EXPECT_GT(on_loop(shelf->collect())->blocks, 0U);
  const auto missing = pin();
  ASSERT_FALSE(missing) << "no gateway to fetch it from";
  EXPECT_FALSE(on_loop(shelf->find(cid_of_root(*root))).value().has_value());
}

TEST_F(ShelfTest, AnImportGivenUpPinsNothing) {
  {
    const auto import = std::make_shared<Import>(library->disk(), ImportOptions{.chunk_size = 10});
    EXPECT_TRUE(import->feed("given up, in some blocks"));
    EXPECT_EQ(on_loop(shelf->collect())->blocks, 0U) << "it is under way";
  }
  EXPECT_GT(on_loop(shelf->collect())->blocks, 0U);
}

TEST_F(ShelfTest, AnUploadInPiecesIsTheFileItself) {
  const std::string bytes = "a file that comes in three pieces";
  const auto whole = add(bytes);
  const auto begun = uploads->begin("ada", {.chunk_size = 10}, {.name = "pieces"});
  ASSERT_TRUE(begun);
  const auto id = (*begun)->id;
  EXPECT_EQ(piece(id, 0, bytes.substr(0, 7)), 7U);
  EXPECT_EQ(piece(id, 7, bytes.substr(7, 13)), 20U);
  const auto twice = piece(id, 7, "again");
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, base::Code::conflict);
  EXPECT_NE(twice.error().detail.find("stands at 20"), std::string::npos);
  EXPECT_EQ(piece(id, 20, "x", "eve").error().code, base::Code::not_found) << "hers it is not";
  EXPECT_EQ(piece(id, 20, bytes.substr(20)), bytes.size());
  const auto done = on_loop(uploads->finish(id, "ada"));
  ASSERT_TRUE(done) << done.error().detail;
  EXPECT_EQ(done->cid, whole->cid);
  EXPECT_EQ(uploads->size(), 0U);
  EXPECT_EQ(on_loop(uploads->finish(id, "ada")).error().code, base::Code::not_found);
}

TEST_F(ShelfTest, AnUploadOfADirectoryTakesOneFileAfterTheOther) {
  using Kind = PiecePlace::Kind;
  const auto begun = uploads->begin("ada", {.chunk_size = 10}, {.name = "folder"}, true);
  ASSERT_TRUE(begun);
  const auto id = (*begun)->id;
  const auto put = [&](std::uint64_t at, const std::string& bytes, PiecePlace place) {
    return on_loop(uploads->append(id, "ada", at, std::make_shared<const std::string>(bytes),
                                   std::move(place)));
  };
  EXPECT_EQ(put(0, "no place", {}).error().code, base::Code::invalid_argument);
  EXPECT_EQ(put(0, "", {.kind = Kind::directory, .path = "a"}), 0U);
  EXPECT_EQ(put(0, "the first piece, ", {.path = "a/b"}), 17U);
  EXPECT_EQ(put(17, "the second", {.path = "a/b"}), 27U);
  EXPECT_EQ(put(27, "b", {.kind = Kind::symlink, .path = "a/link"}), 28U);
  EXPECT_EQ(put(28, "", {.path = "empty"}), 28U);
  EXPECT_EQ(put(28, "", {.path = "empty"}), 28U) << "the same file goes on";
  const auto root = on_loop(uploads->finish(id, "ada"));
  ASSERT_TRUE(root) << root.error().detail;
  EXPECT_EQ(root->size, root->block_bytes);
  EXPECT_EQ(here(*root), static_cast<std::uint64_t>(root->blocks));
  const auto top = cid_of_root(*root);
  const auto at = [&](std::string path) { return on_loop(find_path(library.get(), top, path)); };
  EXPECT_EQ(to_text(at("a/b").value_or(Cid{})), add("the first piece, the second")->cid);
  EXPECT_EQ(at("a/none").error().code, base::Code::not_found);
  const auto link = on_loop(library->get(at("a/link").value_or(Cid{})));
  ASSERT_TRUE(link);
  EXPECT_EQ(symlink_target(**link), "b");
  const auto listed = on_loop(list_directory(library.get(), top));
  ASSERT_TRUE(listed);
  EXPECT_EQ(listed->size(), 2U);
  EXPECT_EQ(on_loop(shelf->collect())->blocks, 0U) << "all of it is pinned";
}

TEST_F(ShelfTest, AFileThatComesTwiceEndsTheUploadOfItsDirectory) {
  const auto id = (*uploads->begin("ada", {.chunk_size = 10}, {}, true))->id;
  const auto put = [&](const std::string& path) {
    return on_loop(
        uploads->append(id, "ada", 0, std::make_shared<const std::string>(), {.path = path}));
  };
  EXPECT_TRUE(put("a"));
  EXPECT_TRUE(put("b"));
  EXPECT_TRUE(put("a"));
  const auto refused = put("c");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Code::invalid_argument);
  EXPECT_EQ(uploads->size(), 0U);
}

TEST_F(ShelfTest, UploadsHaveALimitAndCanBeAbandoned) {
  std::vector<std::string> ids;
  ids.reserve(kUploads);
  for (std::size_t i = 0; i < kUploads; ++i)
    ids.push_back((*uploads->begin("ada", {.chunk_size = 10}, {}))->id);
  const auto more = uploads->begin("ada", {}, {});
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, base::Code::rate_limited);
  EXPECT_EQ(piece(ids[0], 0, "some blocks of it, pinned so far"), 32U);
  EXPECT_EQ(on_loop(shelf->collect())->blocks, 0U);
  EXPECT_EQ(uploads->abandon(ids[0], "eve").error().code, base::Code::not_found);
  EXPECT_TRUE(uploads->abandon(ids[0], "ada"));
  EXPECT_GT(on_loop(shelf->collect())->blocks, 0U) << "nobody holds them any more";
  EXPECT_TRUE(uploads->begin("ada", {}, {}));
  uploads->sweep();
  EXPECT_EQ(uploads->size(), kUploads) << "none was left alone for ten minutes";
}

}  // namespace
}  // namespace telltale::content
