// The `indexed` job in StAEDI: the tag and one named element of every segment. Started by staedi.mjs, which writes a
// line with seconds of CPU time; the answer is a line with checksum and seconds per run.
import io.xlate.edi.stream.EDIInputFactory;
import io.xlate.edi.stream.EDIStreamReader;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

class Staedi {
    private static final Set<String> ENVELOPE = Set.of("ISA", "IEA", "GS", "GE", "ST", "SE");

    /** Arguments: file, number of the element (of a composite its first component is taken), `body` to leave out envelopes. */
    public static void main(String[] args) throws Exception {
        byte[] data = Files.readAllBytes(Path.of(args[0]));
        int wanted = Integer.parseInt(args[1]);
        boolean bodyOnly = args.length > 2 && args[2].equals("body");
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        var lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            double least = Double.parseDouble(line) * 1e9;
            long from = system.getProcessCpuTime();
            int runs = 0;
            long sum = 0;
            long used = 0;
            do {
                sum = run(data, wanted, bodyOnly);
                runs++;
                used = system.getProcessCpuTime() - from;
            } while (used < least);
            System.out.println(sum + " " + used / 1e9 / runs);
        }
    }

    private static long run(byte[] data, int wanted, boolean bodyOnly) throws Exception {
        EDIInputFactory factory = EDIInputFactory.newFactory();
        // Its fastest way: without checking the envelope.
        factory.setProperty(EDIInputFactory.EDI_VALIDATE_CONTROL_STRUCTURE, false);
        long total = 0;
        try (EDIStreamReader reader =
                factory.createEDIStreamReader(new ByteArrayInputStream(data), "ISO-8859-1")) {
            int element = 0;
            boolean counts = false;
            boolean inComposite = false;
            while (reader.hasNext()) {
                switch (reader.next()) {
                    case START_SEGMENT -> {
                        String tag = reader.getText();
                        element = 0;
                        counts = !tag.equals("UNA") && (!bodyOnly || !ENVELOPE.contains(tag));
                        if (counts) total += tag.length();
                    }
                    case START_COMPOSITE -> {
                        element++;
                        inComposite = true;
                    }
                    case END_COMPOSITE -> inComposite = false;
                    case ELEMENT_DATA -> {
                        boolean isFirst = !inComposite || reader.getLocation().getComponentPosition() == 1;
                        if (!inComposite) element++;
                        if (counts && element == wanted && isFirst) total += reader.getText().length();
                    }
                    default -> {}
                }
            }
        }
        return total;
    }
}
