import java.nio.file.*;
import java.util.*;
import org.apache.lucene.analysis.*;
import org.apache.lucene.analysis.cjk.CJKAnalyzer;
import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.document.*;
import org.apache.lucene.index.*;
import org.apache.lucene.search.*;
import org.apache.lucene.store.MMapDirectory;

/** Indexes the output of `lucene.py cut` with two analyzers, runs its queries, writes the results and prints times. */
class Lucene {
    static final int DEPTH = 100;
    /** Rounds over all questions: those before the last warm up the JIT compiler. */
    static final int ROUNDS = 30;

    public static void main(String[] args) throws Exception {
        Path folder = Paths.get(args[0]);
        System.out.println("Lucene " + org.apache.lucene.util.Version.LATEST);
        run(folder, "jieba", new WhitespaceAnalyzer(), "articles.cut", "queries.cut");
        run(folder, "cjk", new CJKAnalyzer(CharArraySet.EMPTY_SET), "articles.raw", "queries.raw");
    }

    static void run(Path folder, String name, Analyzer analyzer, String articles, String queries) throws Exception {
        MMapDirectory directory = new MMapDirectory(Files.createTempDirectory(folder, "index"));
        FieldType type = new FieldType();
        type.setIndexOptions(IndexOptions.DOCS_AND_FREQS);
        type.freeze();
        long began = System.nanoTime();
        long bytes = 0;
        IndexWriterConfig config = new IndexWriterConfig(analyzer).setRAMBufferSizeMB(128);
        try (IndexWriter writer = new IndexWriter(directory, config)) {
            for (String line : Files.readAllLines(folder.resolve(articles))) {
                String[] cells = line.split("\t", 2);
                Document document = new Document();
                document.add(new StoredField("id", cells[0]));
                document.add(new Field("text", cells[1], type));
                writer.addDocument(document);
                bytes += cells[1].getBytes("UTF-8").length;
            }
            writer.forceMerge(1);
        }
        System.out.printf("%s: indexed %.1f MB in %.2f s%n", name, bytes / 1e6, (System.nanoTime() - began) / 1e9);
        try (DirectoryReader reader = DirectoryReader.open(directory)) {
            IndexSearcher searcher = new IndexSearcher(reader);
            searcher.setQueryCache(null);
            List<String> lines = Files.readAllLines(folder.resolve(queries));
            List<String> found = new ArrayList<>();
            long[] times = new long[lines.size()];
            for (int round = 0; round < ROUNDS; round++) {
                found.clear();
                for (int at = 0; at < lines.size(); at++) {
                    String[] cells = lines.get(at).split("\t", 2);
                    long start = System.nanoTime();
                    BooleanQuery.Builder query = new BooleanQuery.Builder();
                    for (String word : words(analyzer, cells[1]))
                        query.add(new TermQuery(new Term("text", word)), BooleanClause.Occur.SHOULD);
                    ScoreDoc[] hits = searcher.search(query.build(), DEPTH).scoreDocs;
                    times[at] = System.nanoTime() - start;
                    StringBuilder row = new StringBuilder(cells[0]);
                    for (ScoreDoc hit : hits) row.append('\t').append(searcher.storedFields().document(hit.doc).get("id"));
                    found.add(row.toString());
                }
            }
            Files.write(folder.resolve(name + ".found"), found);
            long sum = Arrays.stream(times).sum();
            Arrays.sort(times);
            int last = times.length - 1;
            System.out.printf("%s: %.0f queries/s, p50 %d us, p99 %d us%n", name, times.length / (sum / 1e9),
                times[last / 2] / 1000, times[last * 99 / 100] / 1000);
        }
    }

    static Set<String> words(Analyzer analyzer, String text) throws Exception {
        Set<String> words = new TreeSet<>();
        try (TokenStream stream = analyzer.tokenStream("text", text)) {
            CharTermAttribute word = stream.addAttribute(CharTermAttribute.class);
            stream.reset();
            while (stream.incrementToken()) words.add(word.toString());
            stream.end();
        }
        return words;
    }
}
