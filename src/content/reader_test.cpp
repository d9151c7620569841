// Ranges of files over a source in memory: every range of small trees, nodes that lie about their
// parts, what is asked for ahead; and the Range header.
#include "content/reader.hpp"

#include <set>

#include <gtest/gtest.h>

#include "content/byte_range.hpp"
#include "content/importer.hpp"
#include "content/walk.hpp"
#include "runtime/testing.hpp"

namespace telltale::content {
namespace {

class Memory final : public BlockSource {
 public:
  runtime::TaskResult<Block> get(Cid cid) override { return find(this, cid); }
  void want(const Cid& cid) override { wanted.push_back(cid.hash); }
  Block at_hand(const Cid& cid) override {
    const auto found = blocks.find(cid.hash);
    if (found == blocks.end() || away.contains(cid.hash)) return nullptr;
    return std::make_shared<const std::string>(found->second);
  }
  std::set<Hash> away;  // not at hand
  std::map<Hash, std::string> blocks;
  std::vector<Hash> wanted;

 private:
  static runtime::TaskResult<Block> find(Memory* self, Cid cid) {
    const auto found = self->blocks.find(cid.hash);
    if (found == self->blocks.end()) co_return base::fail(base::Code::not_found, "not there");
    co_return std::make_shared<const std::string>(found->second);
  }
};

class ReaderTest : public testing::Test {
 protected:
  Cid add(std::string_view bytes, ImportOptions options) {
    Importer importer(options, [this](const Cid& cid, std::string_view block) {
      source.blocks[cid.hash] = block;
      return base::Result<void>();
    });
    EXPECT_TRUE(importer.feed(bytes));
    return importer.finish().value_or(Imported{}).root;
  }
  Cid put(std::string block) {
    const auto cid = cid_of(0, Codec::dag_pb, block);
    source.blocks[cid.hash] = std::move(block);
    return cid;
  }
  base::Result<std::string> read(Cid root, std::uint64_t offset, std::size_t size) {
    auto reader = loop.run(Reader::open(&source, root));
    if (!reader) return std::unexpected(reader.error());
    return loop.run((*reader)->read(offset, size));
  }
  runtime::TestLoop loop;
  Memory source;
};

TEST_F(ReaderTest, EveryRangeOfATree) {
  std::string bytes;
  for (int i = 0; i < 40; ++i) bytes += static_cast<char>('A' + i);
  for (const bool raw : {false, true}) {
    const auto root = add(bytes, {.raw_leaves = raw, .chunk_size = 3, .links_per_node = 2});
    for (std::size_t from = 0; from <= bytes.size() + 1; ++from)
      for (std::size_t size = 0; size <= bytes.size() + 1; size += 3) {
        const auto got = read(root, from, size);
        ASSERT_TRUE(got) << got.error().detail;
        EXPECT_EQ(*got, from < bytes.size() ? bytes.substr(from, size) : "") << from << "+" << size;
      }
  }
  EXPECT_FALSE(read(add("x", {}), 0, kReadLimit + 1));
}

TEST_F(ReaderTest, APartThatIsNotWhatItsParentSaysIsRefused) {
  const auto leaf = add("abc", {});
  const auto data = encode_unixfs({.file_size = 5, .block_sizes = {5}});
  const auto root =
      put(encode_dag_pb({.links = {{.cid = leaf, .name = {}, .size = 9}}, .data = data}));
  const auto got = read(root, 0, 5);
  ASSERT_FALSE(got);
  EXPECT_NE(got.error().detail.find("has 3 bytes, its parent says 5"), std::string::npos);
  const auto missing = read(cid_of(0, Codec::dag_pb, "nowhere"), 0, 1);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, base::Code::not_found);
}

TEST_F(ReaderTest, ATreeThatIsTooDeepIsRefused) {
  auto cid = add("abc", {});
  for (int i = 0; i < 40; ++i) {
    const auto data = encode_unixfs({.file_size = 3, .block_sizes = {3}});
    cid = put(encode_dag_pb({.links = {{.cid = cid, .name = {}, .size = 9}}, .data = data}));
  }
  const auto got = read(cid, 0, 3);
  ASSERT_FALSE(got);
  EXPECT_NE(got.error().detail.find("too deep"), std::string::npos);
}

TEST_F(ReaderTest, AsksAheadOfThePlayHead) {
  std::string varied;
  for (int i = 0; i < 100; ++i) varied += static_cast<char>(i);
  const auto root = add(varied, {.raw_leaves = true, .chunk_size = 10, .links_per_node = 50});
  auto reader = loop.run(Reader::open(&source, root, {.ahead_bytes = 40, .threshold = 0.5}));
  ASSERT_TRUE(reader);
  ASSERT_TRUE(loop.run((*reader)->read(0, 10)));
  EXPECT_EQ(source.wanted.size(), 4U) << "the next forty bytes";
  ASSERT_TRUE(loop.run((*reader)->read(10, 10)));
  EXPECT_EQ(source.wanted.size(), 4U) << "thirty are ahead still";
  ASSERT_TRUE(loop.run((*reader)->read(20, 10)));
  EXPECT_EQ(source.wanted.size(), 6U) << "twenty were left: up to forty again";
}

TEST_F(ReaderTest, AsksAheadBeyondNodesThatCameMeanwhile) {
  std::string varied;
  for (int i = 0; i < 100; ++i) varied += static_cast<char>(i);
  const auto root = add(varied, {.raw_leaves = true, .chunk_size = 10, .links_per_node = 2});
  for (const auto& [hash, block] : source.blocks) source.away.insert(hash);
  auto reader = loop.run(Reader::open(&source, root, {.ahead_bytes = 40, .threshold = 1}));
  ASSERT_TRUE(reader);
  ASSERT_TRUE(loop.run((*reader)->read(0, 10)));
  // The leaf beside it, and the node over what comes then: its leaves nobody knows.
  const auto leaf = [&](int number) {
    return cid_of(1, Codec::raw,
                  std::string_view(varied).substr(static_cast<std::size_t>(number) * 10, 10))
        .hash;
  };
  const auto wants = [&](int number) { return std::ranges::count(source.wanted, leaf(number)); };
  EXPECT_EQ(wants(1), 1);
  EXPECT_EQ(wants(2), 0);
  source.away.clear();  // it has come
  source.wanted.clear();
  ASSERT_TRUE(loop.run((*reader)->read(10, 1)));
  for (const int number : {2, 3, 4}) EXPECT_EQ(wants(number), 1) << number;
  EXPECT_EQ(wants(7), 0) << "too far";
}

TEST_F(ReaderTest, ASettingHoldsFromTheNextReadOn) {
  std::string varied;
  for (int i = 0; i < 100; ++i) varied += static_cast<char>(i);
  const auto root = add(varied, {.raw_leaves = true, .chunk_size = 10, .links_per_node = 50});
  for (const double threshold : {0.1, 0.9}) {
    source.wanted.clear();
    auto reader = loop.run(Reader::open(&source, root, {.ahead_bytes = 10, .threshold = 0}));
    ASSERT_TRUE(reader);
    (*reader)->configure({.ahead_bytes = 40, .threshold = threshold});
    ASSERT_TRUE(loop.run((*reader)->read(0, 10)));
    EXPECT_EQ(source.wanted.size(), 4U);
    ASSERT_TRUE(loop.run((*reader)->read(10, 10)));
    ASSERT_TRUE(loop.run((*reader)->read(20, 10)));
    EXPECT_EQ(source.wanted.size(), threshold < 0.5 ? 4U : 6U) << threshold;
  }
}

TEST_F(ReaderTest, WalksAndListsNoForever) {
  const auto file = add("abc", {});
  const auto directory = put(encode_dag_pb(
      {.links = {{.cid = file, .name = "b", .size = 1}, {.cid = file, .name = "a", .size = 1}},
       .data = std::string_view("\x08\x01", 2)}));
  const auto entries = loop.run(list_directory(&source, directory));
  ASSERT_TRUE(entries) << entries.error().detail;
  ASSERT_EQ(entries->size(), 2U);
  EXPECT_EQ(entries->front().name, "a");
  EXPECT_FALSE(loop.run(list_directory(&source, file)));
  const auto tree = loop.run(walk_tree(&source, directory, [](const Hash&) {}, [](const Tree&) {}));
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->blocks.size(), 2U) << "the file is there twice and counts once";
  // Each shard holds the next one many times: walked blindly, 8^16 visits.
  Cid shard = directory;
  for (int depth = 0; depth < 16; ++depth) {
    const auto data = encode_unixfs({.type = UnixFs::Type::hamt_shard,
                                     .data = "\xff",
                                     .block_sizes = {},
                                     .hash_type = 0x22,
                                     .fanout = 8});
    std::vector<PbLink> links;
    static constexpr std::string_view kNames = "01234567";
    links.reserve(8);
    for (std::size_t i = 0; i < 8; ++i)
      links.push_back({.cid = shard, .name = kNames.substr(i, 1), .size = 1});
    shard = put(encode_dag_pb({.links = links, .data = data}));
  }
  const auto bomb = loop.run(list_directory(&source, shard));
  ASSERT_FALSE(bomb);
}

TEST(ByteRange, AsRfc9110HasIt) {
  using Kind = ByteRange::Kind;
  const auto is = [](std::string_view header, Kind kind, std::uint64_t from, std::uint64_t size) {
    const auto range = read_range(header, 100);
    EXPECT_EQ(range.kind, kind) << header;
    if (kind == Kind::unsatisfiable) return;
    EXPECT_EQ(range.from, from) << header;
    EXPECT_EQ(range.size, size) << header;
  };
  is("", Kind::whole, 0, 100);
  is("bytes=0-9", Kind::part, 0, 10);
  is("bytes=90-", Kind::part, 90, 10);
  is("bytes=90-200", Kind::part, 90, 10);
  is("bytes=-10", Kind::part, 90, 10);
  is("bytes=-1000", Kind::part, 0, 100);
  is("bytes=100-", Kind::unsatisfiable, 0, 0);
  is("bytes=-0", Kind::unsatisfiable, 0, 0);
  is("bytes=9-0", Kind::whole, 0, 100);
  is("bytes=0-1,3-4", Kind::whole, 0, 100);
  is("bytes=a-b", Kind::whole, 0, 100);
  is("bytes=99999999999999999999-", Kind::whole, 0, 100);
}

}  // namespace
}  // namespace telltale::content
