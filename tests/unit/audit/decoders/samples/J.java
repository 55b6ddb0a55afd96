// Prints the samples beside this file in base64, one a line: an object, and a map of all kinds.
import java.io.*; import java.util.*; import java.math.*; import java.time.*;
public class J {
  enum Color { RED, GREEN { public String toString(){return "g";} } }
  static class Base implements Serializable { int id=7; long big=1L<<40; }
  static class User extends Base { String name="Ada \u0000 \uD83D\uDE00 é"; boolean ok=true; char c='x'; double d=1.5; float f=0.5f; byte b=-1; short s=-2; byte[] raw={1,-1}; int[] ints={1,2}; String[] ss={"a",null}; char[] cs={'h','i'}; Color col=Color.RED, col2=Color.GREEN; Object self=this; Class<?> k=String.class; }
  record Rec(int a, String b) implements Serializable {}
  static void out(Object o) throws Exception { var b=new ByteArrayOutputStream(); var s=new ObjectOutputStream(b); s.writeObject(o); s.close(); System.out.println(Base64.getEncoder().encodeToString(b.toByteArray())); }
  public static void main(String[] a) throws Exception {
    out(new User());
    var m=new LinkedHashMap<Object,Object>();
    m.put("i",1); m.put("l",2L); m.put("d",1.5); m.put("f",0.5f); m.put("b",true); m.put("c",'x'); m.put("bd",new BigDecimal("-12.50")); m.put("bi",BigInteger.TWO.pow(70).negate());
    m.put("date",new Date(1704164645678L)); var ts=new java.sql.Timestamp(1704164645678L); ts.setNanos(678901234); m.put("ts",ts);
    m.put("uuid",new UUID(1,-2)); m.put("al",new ArrayList<>(List.of(1,2))); m.put("ll",new LinkedList<>(List.of(1))); m.put("hm",new HashMap<>(Map.of("k","v"))); m.put("tm",new TreeMap<>(Map.of("a",1,"b",2))); m.put("ht",new Hashtable<>(Map.of("a",1)));
    m.put("hs",new HashSet<>(List.of(1))); m.put("lhs",new LinkedHashSet<>(List.of(3,1))); m.put("ts2",new TreeSet<>(List.of(2,1))); m.put("lo",List.of(1,2,3)); m.put("mo",Map.of("x",1)); m.put("so",Set.of(1));
    m.put("ul",Collections.unmodifiableList(new ArrayList<>(List.of(1)))); m.put("um",Collections.unmodifiableMap(new HashMap<>(Map.of("q",1)))); m.put("sl",Collections.singletonList(1)); m.put("sm",Collections.singletonMap("k",1)); m.put("el",Collections.emptyList()); m.put("em",Collections.emptyMap()); m.put("as",Arrays.asList(1,2)); m.put("chm",new java.util.concurrent.ConcurrentHashMap<>(Map.of("z",1))); m.put("cow",new java.util.concurrent.CopyOnWriteArrayList<>(List.of(1))); m.put("dq",new ArrayDeque<>(List.of(1))); m.put("pq",new PriorityQueue<>(List.of(2,1)));
    m.put("ai",new java.util.concurrent.atomic.AtomicLong(5)); m.put("cal",new GregorianCalendar(TimeZone.getTimeZone("UTC")){{setTimeInMillis(1000);}}.getTime()); m.put("gc",new GregorianCalendar(2024,0,2)); m.put("rec",new Rec(1,"r")); m.put("cur",Currency.getInstance("EUR")); m.put("loc",Locale.FRANCE);
    m.put("inst",Instant.ofEpochSecond(1704164645,678901234)); m.put("ld",LocalDate.of(2024,2,3)); m.put("lt",LocalTime.of(4,5)); m.put("lt2",LocalTime.of(4,5,6,7)); m.put("ldt",LocalDateTime.of(2024,2,3,4,5,6)); m.put("zdt",ZonedDateTime.of(2024,7,3,4,5,6,0,ZoneId.of("Europe/Berlin"))); m.put("odt",OffsetDateTime.of(2024,7,3,4,5,6,0,ZoneOffset.ofHoursMinutes(-5,-30))); m.put("off",ZoneOffset.ofTotalSeconds(3661)); m.put("dur",Duration.ofSeconds(-90061,500000000)); m.put("per",Period.of(1,2,3)); m.put("ym",YearMonth.of(2024,2)); m.put("yr",Year.of(2024)); m.put("md",MonthDay.of(2,3)); m.put("zid",ZoneId.of("Europe/Berlin")); m.put("nul",null); m.put(5,"five"); m.put("days",EnumSet.of(DayOfWeek.MONDAY)); m.put("emap",new EnumMap<>(Map.of(DayOfWeek.MONDAY,1)));
    out(m);
  }
}
